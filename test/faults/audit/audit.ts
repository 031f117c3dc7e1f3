import type { Ledger, Outcome } from '../../load/ledger.ts';
import { auditAccountEvents, auditEffects, auditMessageEvents, auditProfileEvents } from './events.ts';
import { type Finding, gatherFacts, type Rule, type Target, wrong } from './facts.ts';
import {
  auditAccounts,
  auditComments,
  auditLeftovers,
  auditMessages,
  auditProfiles,
  auditPublications,
} from './rows.ts';
import { settle } from './settle.ts';
import { auditDeliveries, auditResponses, auditViews } from './views.ts';

export type AuditResult = {
  findings: Finding[];
  /** Writes by outcome, and the distinct events that were published. */
  counts: { [outcome in Outcome]: number } & { events: number };
  /** Milliseconds that the system took to settle, and that the audit took after that. */
  settledMs: number;
  auditedMs: number;
};

const RULES: readonly Rule[] = [
  auditResponses,
  auditAccounts,
  auditLeftovers,
  auditProfiles,
  auditPublications,
  auditComments,
  auditMessages,
  auditDeliveries,
  auditAccountEvents,
  auditMessageEvents,
  auditProfileEvents,
  auditEffects,
];
const SETTLE_DEADLINE_MS = 120_000;

/**
 * Holds what was acknowledged to the load against what is there: in the tables, on the topics, and as people see it.
 * Call it when the load has stopped and the system is whole; it waits until no event is in flight.
 */
export async function audit(
  target: Target,
  ledger: Ledger,
  { settleMs = SETTLE_DEADLINE_MS }: { settleMs?: number } = {},
): Promise<AuditResult> {
  const begun = performance.now();
  const pending = await settle(target, { deadlineMs: settleMs });
  const settled = performance.now();
  const facts = await gatherFacts(target, ledger);
  const findings = [
    ...pending.map((what) => wrong('the system does not settle', what)),
    ...RULES.flatMap((rule) => rule(facts)),
    ...(await auditViews(facts)),
  ];
  const byOutcome = (outcome: Outcome) => ledger.writes.filter((write) => write.outcome === outcome).length;
  return {
    findings,
    counts: {
      acknowledged: byOutcome('acknowledged'),
      refused: byOutcome('refused'),
      unknown: byOutcome('unknown'),
      violation: byOutcome('violation'),
      events: new Set([...facts.published.values()].flat().map(({ id }) => id)).size,
    },
    settledMs: Math.round(settled - begun),
    auditedMs: Math.round(performance.now() - settled),
  };
}
