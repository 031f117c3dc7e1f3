import type { Outcome, Write } from '../../load/ledger.ts';
import { median } from '../../support/statistics.ts';
import { formatTable } from '../../support/table.ts';
import type { Finding, FindingKind } from '../audit/facts.ts';
import type { Unavailable } from '../cluster/cluster.ts';
import type { UnaskedRestart } from '../cluster/replicas.ts';
import { verdict } from '../runs/program.ts';
import type { Incident, Storm } from './storm.ts';

/** What a run has brought about and found; `minutes` from the first fault to the last recovery. */
export type RunResult = Storm & {
  seed: number;
  /** All that were to be brought about. */
  faults: readonly string[];
  writes: readonly Pick<Write, 'marker' | 'id' | 'outcome' | 'ended'>[];
  findings: readonly Finding[];
  /** Restarts of processes that were not live. */
  unaskedRestarts: readonly UnaskedRestart[];
  /** Faults that this machine leaves out. */
  unavailable: readonly Unavailable[];
};

type Recoveries = { medianMs: number | undefined; maxMs: number | undefined };

/** One fault. Writes are acknowledged ones; `lost` and `doubled` count findings about writes of its time. */
type Row = Recoveries & {
  fault: string;
  times: number;
  during: number;
  untilRecovered: number;
  lost: number;
  doubled: number;
};

type Totals = Recoveries & { seed: number; minutes: number; faults: number } & {
  [count in Exclude<Outcome, 'violation'> | FindingKind]: number;
};

export type Report = Pick<RunResult, 'incidents' | 'misses' | 'unaskedRestarts' | 'unavailable'> & {
  rows: readonly Row[];
  totals: Totals;
  findings: readonly (Finding & { during: readonly string[] })[];
  /** Why the run has failed; none where it has not. */
  problems: readonly string[];
};

/** Limits in ms. */
export function makeReport(result: RunResult, limits: { recoveryMs: number }): Report {
  const { seed, minutes, incidents, misses, writes, unaskedRestarts, unavailable } = result;
  const acknowledged = writes.filter(({ outcome }) => outcome === 'acknowledged').map(({ ended }) => ended);
  const whenWritten = indexByIds(writes);
  const findings = result.findings.map((finding) => {
    const time = idsIn(finding.evidence).map((id) => whenWritten.get(id));
    return {
      ...finding,
      during: faultsAt(
        incidents,
        time.find((each) => each !== undefined),
      ),
    };
  });
  const count = (kind: FindingKind, fault?: string) =>
    findings.filter((each) => each.kind === kind && (fault === undefined || each.during.includes(fault))).length;
  const byOutcome = (wanted: Outcome) => writes.filter(({ outcome }) => outcome === wanted).length;
  const acknowledgedIn = (spans: (readonly [from: number, to: number])[]) =>
    spans.flatMap(([from, to]) => acknowledged.filter((time) => time >= from && time < to)).length;

  const rows = result.faults.map((fault): Row => {
    const own = incidents.filter((incident) => incident.fault === fault);
    return {
      fault,
      times: own.length,
      during: acknowledgedIn(own.map(({ begun, healed }) => [begun, healed])),
      untilRecovered: acknowledgedIn(own.map((each) => [each.healed, endOf(each)])),
      lost: count('lost', fault),
      doubled: count('doubled', fault),
      ...recoveriesOf(own),
    };
  });
  return {
    rows,
    totals: {
      seed,
      minutes,
      faults: incidents.length,
      acknowledged: acknowledged.length,
      refused: byOutcome('refused'),
      unknown: byOutcome('unknown'),
      lost: count('lost'),
      doubled: count('doubled'),
      wrong: count('wrong'),
      ...recoveriesOf(incidents),
    },
    findings,
    incidents,
    misses,
    unaskedRestarts,
    unavailable,
    problems: [
      ...(findings.length > 0 ? [`the audit has ${findings.length} findings`] : []),
      ...rows.filter(({ times }) => times === 0).map(({ fault }) => `it was not brought about: ${fault}`),
      ...incidents.flatMap((incident) => describeLate(incident, limits.recoveryMs)),
    ],
  };
}

const UUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const idsIn = (text: string): string[] => text.match(UUID) ?? [];

/** When each write was over, by the id in its marker and by that of what it made. */
const indexByIds = (writes: RunResult['writes']) =>
  new Map(
    writes.flatMap(({ marker, id = '', ended }) => idsIn(`${marker} ${id}`).map((each) => [each, ended] as const)),
  );

const endOf = ({ healed, recoveryMs }: Incident) => healed + (recoveryMs ?? 0);

const faultsAt = (incidents: readonly Incident[], time = Number.NaN): string[] =>
  incidents.filter((each) => time >= each.begun && time < endOf(each)).map(({ fault }) => fault);

function recoveriesOf(incidents: readonly Incident[]): Recoveries {
  const times = incidents.flatMap(({ recoveryMs }) => recoveryMs ?? []);
  return times.length === 0
    ? { medianMs: undefined, maxMs: undefined }
    : { medianMs: median(times), maxMs: Math.max(...times) };
}

function describeLate({ what, recoveryMs, lastFailure }: Incident, limitMs: number): string[] {
  if (recoveryMs === undefined) return [`no recovery from ${what}: ${lastFailure ?? 'no canary ended'}`];
  return recoveryMs > limitMs ? [`recovery from ${what} took ${recoveryMs} ms`] : [];
}

const HEAD = ['fault', 'times', 'acked during', 'until recovered', 'lost', 'doubled', 'median s', 'max s'];
const SHOWN_FINDINGS = 40;

const seconds = (ms: number | undefined) => (ms === undefined ? '–' : (ms / 1_000).toFixed(1));

/** The report as people read it. */
export function formatReport(report: Report): string {
  const { rows, totals, findings, misses, unaskedRestarts, unavailable, problems } = report;
  const left = findings.length - SHOWN_FINDINGS;
  return [
    formatTable(
      HEAD,
      rows.map(({ fault, times, during, untilRecovered, lost, doubled, medianMs, maxMs }) => {
        const recoveries = [seconds(medianMs).padStart('median s'.length), seconds(maxMs).padStart('max s'.length)];
        return [fault, times, during, untilRecovered, lost, doubled, ...recoveries];
      }),
    ),
    '',
    [
      `seed ${totals.seed}`,
      `${totals.minutes.toFixed(1)} min`,
      `${totals.acknowledged} writes acknowledged`,
      ...(['faults', 'lost', 'doubled', 'wrong', 'unknown', 'refused'] as const).map(
        (each) => `${totals[each]} ${each}`,
      ),
      `recovery ${seconds(totals.medianMs)} s median, ${seconds(totals.maxMs)} s at most`,
    ].join(' · '),
    ...unavailable.map(({ what, why }) => `left out: faults of the ${what}: ${why}`),
    ...unaskedRestarts.map(({ part, why }) => `started again unasked: ${part}: ${why}`),
    ...misses.map(({ fault, why }) => `could not be brought about this time: ${fault}: ${why}`),
    ...findings.slice(0, SHOWN_FINDINGS).map(({ kind, what, evidence, during }) => {
      const when = during.length > 0 ? ` (during: ${during.join(', ')})` : '';
      return `${kind.toUpperCase()}: ${what}: ${evidence}${when}`;
    }),
    ...(left > 0 ? [`and ${left} findings more`] : []),
    ...verdict(problems),
  ].join('\n');
}
