import type { Logger } from './log.ts';
import type { Metrics } from './metrics.ts';

/** What is recorded for an audit. docs/operations.md says what each tells. */
export const SECURITY_EVENTS = [
  'registration',
  'sign-in',
  'sign-out',
  'session-refresh',
  'session-revocation',
  'password-change',
  'account-deletion',
  'access-token',
  'cross-site-request',
  'rate-limit',
  'foreign-event',
] as const;

export type SecurityEvent = {
  event: (typeof SECURITY_EVENTS)[number];
  /** `failure`: what was shown is wrong. `refused`: it was not looked at. */
  outcome: 'success' | 'failure' | 'refused';
  reason?: string | undefined;
  userId?: string | undefined;
  /** A keyed hash; an email itself never stands in a log. */
  emailHash?: string | undefined;
  /** Of the client, as `networkOf` makes it, where there is one. */
  network?: string;
  /** What an event on the bus claims to come from. */
  source?: string;
};

export type SecurityEvents = { record(event: SecurityEvent): void };

/** The one place where security events are recorded: a log line each, and a counter. */
export function createSecurityEvents({ log, metrics }: { log: Logger; metrics: Metrics }): SecurityEvents {
  const counter = metrics.counter('security_events_total', 'Security events.', ['event', 'outcome']);
  return {
    record({ event, outcome, reason, userId, emailHash, network, source }) {
      counter.inc({ event, outcome });
      log.info({ event, outcome, reason, user_id: userId, email_hash: emailHash, network, source }, 'security event');
    },
  };
}
