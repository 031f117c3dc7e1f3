import { setTimeout as sleep } from 'node:timers/promises';
import { concernsWholeServer, isTransient } from '../../database/transient.ts';
import type { Logger } from '../../observability/log.ts';
import type { Metrics } from '../../observability/metrics.ts';
import { runInContext } from '../../observability/request-context.ts';
import { createSecurityEvents } from '../../observability/security-events.ts';
import type { DeadLetters } from '../dead-letters.ts';
import type { Event, EventHandler } from '../event.ts';
import { ForeignEventError } from './producers.ts';

/** Failed attempts at an event before it is a dead letter: with permanent failures, and with transient ones. */
const MAX_ATTEMPTS = 5;
const MAX_TRANSIENT_ATTEMPTS = 20;
/** The pause before the second attempt, in ms, which doubles up to the longest one. */
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

export type RetryOptions = {
  /** Whose events and dead letters they are. */
  group: string;
  handlers: Record<string, EventHandler>;
  deadLetters: DeadLetters;
  log: Logger;
  metrics: Metrics;
  /** Ends waiting between attempts when the service stops. */
  signal: AbortSignal;
  /** Whether what the handlers stand on responds at the moment; asked after a transient failure. */
  databaseResponds: () => Promise<boolean>;
  longestPauseMs?: number;
};

/** A failure that does not pass, one that should pass but may be the event's own, and one of the database. */
type Verdict = 'permanent' | 'transient' | 'outage';

/** Handles an event until it has taken effect, is a dead letter, or the service stops; then it rejects. */
export function withRetries(options: RetryOptions, attempts: Attempts): EventHandler {
  const { group, handlers, deadLetters, log, metrics, signal, databaseResponds } = options;
  const { longestPauseMs = LONGEST_PAUSE_MS } = options;
  const consumed = metrics.counter('events_consumed_total', 'Events taken from the bus, by what became of them.', [
    'group',
    'topic',
    'outcome',
  ]);
  const security = createSecurityEvents({ log, metrics });
  const foreign = metrics.counter('events_foreign_total', "Events of another than their topic's producer.", [
    'group',
    'topic',
  ]);
  // A series that begins with its first event shows no increase for it.
  for (const topic of Object.keys(handlers)) {
    foreign.inc({ group, topic }, 0);
    for (const outcome of ['handled', 'dead_letter']) consumed.inc({ group, topic, outcome }, 0);
  }

  async function handle(event: Event): Promise<void> {
    const handler = handlers[event.type];
    if (!handler) throw new Error(`no handler for ${event.type}`);
    await attempts.during(() => handler(event));
    consumed.inc({ group, topic: event.type, outcome: 'handled' });
    log.debug(about(event), 'event handled');
  }

  /** False where it could not be stored, so the event must be tried again. */
  async function giveUp(event: Event, failures: number, error: unknown): Promise<boolean> {
    try {
      await deadLetters.put(event, { group, error: describe(error), attempts: failures });
    } catch (failure) {
      log.warn({ err: failure, ...about(event) }, 'dead letter could not be stored');
      return false;
    }
    consumed.inc({ group, topic: event.type, outcome: 'dead_letter' });
    log.error({ ...about(event), attempts: failures }, 'event became a dead letter');
    if (error instanceof ForeignEventError) tellOfForeign(event);
    return true;
  }

  function tellOfForeign(event: Event): void {
    foreign.inc({ group, topic: event.type });
    security.record({ event: 'foreign-event', outcome: 'refused', source: event.source });
  }

  /** A transient failure while the database responds may be the event's own. */
  async function judge(error: unknown): Promise<Verdict> {
    if (!isTransient(error)) return 'permanent';
    return concernsWholeServer(error) || !(await databaseResponds()) ? 'outage' : 'transient';
  }

  async function handleWithRetries(event: Event): Promise<void> {
    const failed = { permanent: 0, transient: 0, outage: 0 };
    for (let pauses = 0; ; pauses += 1) {
      try {
        return await handle(event);
      } catch (error) {
        const verdict = await judge(error);
        failed[verdict] += 1;
        const failures = failed.permanent + failed.transient;
        const kind = { transient: verdict !== 'permanent', outage: verdict === 'outage' };
        log.warn({ err: error, ...about(event), failures, ...kind }, 'event handler failed');
        if (isTooMuch(failed, error) && (await giveUp(event, failures, error))) return;
        await sleep(Math.min(FIRST_PAUSE_MS * 2 ** pauses, longestPauseMs), undefined, { signal });
      }
    }
  }

  return (event) => runInContext({ requestId: event.requestId ?? event.id }, () => handleWithRetries(event));
}

const isTooMuch = ({ permanent, transient }: { permanent: number; transient: number }, error: unknown) =>
  error instanceof ForeignEventError || permanent >= MAX_ATTEMPTS || transient >= MAX_TRANSIENT_ATTEMPTS;

const about = (event: Event) => ({ topic: event.type, event_id: event.id });

const describe = (error: unknown) => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));

/** The attempts at events that are going on, and for how long. */
export type Attempts = {
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Age in ms of the oldest one; 0 where there is none. */
  longestMs(): number;
};

export function createAttempts(): Attempts {
  const begun = new Set<{ at: number }>();
  return {
    async during(work) {
      const attempt = { at: performance.now() };
      begun.add(attempt);
      try {
        return await work();
      } finally {
        begun.delete(attempt);
      }
    },
    longestMs: () => Math.max(0, ...[...begun].map(({ at }) => performance.now() - at)),
  };
}
