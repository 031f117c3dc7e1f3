import type { Counts, Ledger, Outcome } from '../load/ledger.ts';
import type { Target } from '../load/target.ts';
import { auditAccounts } from './accounts.ts';
import { auditAnnouncements } from './announcements.ts';
import { auditAnswers } from './answers.ts';
import { auditDeliveries } from './deliveries.ts';
import { auditEffects } from './effects.ts';
import { gatherFacts, type Rule } from './facts.ts';
import { type Finding, type FindingKind, wrong } from './finding.ts';
import { auditLeftovers } from './leftovers.ts';
import { auditMessages } from './messages.ts';
import { auditProfileAnnouncements } from './profile-announcements.ts';
import { auditProfiles } from './profiles.ts';
import { auditPublications } from './publications.ts';
import { readPublished } from './published.ts';
import { settle } from './settle.ts';
import { readTables } from './tables.ts';
import { auditViews } from './views.ts';

export type AuditResult = {
  findings: Finding[];
  /** Writes by outcome, findings by kind, and the distinct events that were published. */
  counts: { [outcome in Outcome]: number } & { [kind in FindingKind]: number } & { events: number };
  /** Milliseconds that the system took to settle, and that the audit took after that. */
  settledMs: number;
  auditedMs: number;
};

const RULES: readonly Rule[] = [
  auditAnswers,
  auditAccounts,
  auditLeftovers,
  auditProfiles,
  auditPublications,
  auditMessages,
  auditDeliveries,
  auditAnnouncements,
  auditProfileAnnouncements,
  auditEffects,
];
const SETTLE_DEADLINE_MS = 120_000;

/**
 * Holds what the load was promised against what is there: in the tables, on the topics, and as people see it. Call it
 * when the load has stopped and the system is whole; it waits until nothing is on its way any more.
 */
export async function audit(
  target: Target,
  ledger: Ledger,
  { settleMs = SETTLE_DEADLINE_MS }: { settleMs?: number } = {},
): Promise<AuditResult> {
  const begun = performance.now();
  const pending = await settle(target, { deadlineMs: settleMs });
  const settled = performance.now();
  const [tables, published] = await Promise.all([readTables(target), readPublished(target)]);
  const facts = gatherFacts(ledger, tables, published);
  const findings = [
    ...pending.map((what) => wrong('the system does not settle', what)),
    ...RULES.flatMap((rule) => rule(facts)),
    ...(await auditViews(facts)),
  ];
  const ended = performance.now();
  const count = (kind: FindingKind) => findings.filter((finding) => finding.kind === kind).length;
  return {
    findings,
    counts: {
      ...writesByOutcome(ledger.counts),
      lost: count('lost'),
      doubled: count('doubled'),
      wrong: count('wrong'),
      events: new Set([...published.values()].flat().map(({ id }) => id)).size,
    },
    settledMs: Math.round(settled - begun),
    auditedMs: Math.round(ended - settled),
  };
}

function writesByOutcome({ look, ...writes }: Counts): { [outcome in Outcome]: number } {
  const sum = (outcome: Outcome) => Object.values(writes).reduce((total, tally) => total + tally[outcome], 0);
  return {
    acknowledged: sum('acknowledged'),
    refused: sum('refused'),
    unknown: sum('unknown'),
    violation: sum('violation'),
  };
}
