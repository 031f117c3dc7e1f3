import type { Finding, FindingKind } from './audit/finding.ts';
import type { UnaskedRestart, Unavailable } from './cluster/cluster.ts';
import type { Incident, Miss } from './incidents.ts';
import type { Write } from './load/ledger.ts';

/** What a run has to show. */
export type RunResult = {
  seed: number;
  /** Minutes from the first fault to the last recovery. */
  minutes: number;
  faults: readonly string[];
  incidents: readonly Incident[];
  misses: readonly Miss[];
  writes: readonly Pick<Write, 'marker' | 'id' | 'outcome' | 'ended'>[];
  findings: readonly Finding[];
  unaskedRestarts: readonly UnaskedRestart[];
  unavailable: readonly Unavailable[];
};

/** Limits in ms. */
export type Limits = { recoveryMs: number };

/** What became of one fault. Writes are acknowledged ones; `lost` and `doubled` count findings about writes of its time. */
export type Row = {
  fault: string;
  times: number;
  during: number;
  untilRecovered: number;
  lost: number;
  doubled: number;
  medianMs: number | undefined;
  maxMs: number | undefined;
};

export type Totals = {
  seed: number;
  minutes: number;
  faults: number;
  acknowledged: number;
  refused: number;
  unknown: number;
  lost: number;
  doubled: number;
  wrong: number;
  medianMs: number | undefined;
  maxMs: number | undefined;
};

export type Report = {
  rows: readonly Row[];
  totals: Totals;
  findings: readonly (Finding & { during: readonly string[] })[];
  incidents: readonly Incident[];
  misses: readonly Miss[];
  /** Processes that the kubelet's like had to start again. */
  unaskedRestarts: readonly UnaskedRestart[];
  /** Faults that this machine leaves out. */
  unavailable: readonly Unavailable[];
  /** Why the run has failed; none where it has not. */
  problems: readonly string[];
};

export function makeReport(result: RunResult, limits: Limits): Report {
  const { incidents, misses, writes } = result;
  const acknowledged = writes.filter(({ outcome }) => outcome === 'acknowledged').map(({ ended }) => ended);
  const whenWritten = indexByIds(writes);
  const findings = result.findings.map((finding) => {
    const written = idsIn(finding.evidence).map((id) => whenWritten.get(id));
    return {
      ...finding,
      during: faultsAt(
        incidents,
        written.find((time) => time !== undefined),
      ),
    };
  });
  const count = (kind: FindingKind, fault?: string) =>
    findings.filter((each) => each.kind === kind && (fault === undefined || each.during.includes(fault))).length;
  const byOutcome = (wanted: Write['outcome']) => writes.filter(({ outcome }) => outcome === wanted).length;

  const rows = result.faults.map((fault): Row => {
    const own = incidents.filter((incident) => incident.fault === fault);
    const sum = (from: (incident: Incident) => number, to: (incident: Incident) => number) =>
      own.reduce(
        (total, each) => total + acknowledged.filter((time) => time >= from(each) && time < to(each)).length,
        0,
      );
    return {
      fault,
      times: own.length,
      during: sum(
        ({ begun }) => begun,
        ({ healed }) => healed,
      ),
      untilRecovered: sum(({ healed }) => healed, endOf),
      lost: count('lost', fault),
      doubled: count('doubled', fault),
      ...recoveryOf(own),
    };
  });
  return {
    rows,
    totals: {
      seed: result.seed,
      minutes: result.minutes,
      faults: incidents.length,
      acknowledged: acknowledged.length,
      refused: byOutcome('refused'),
      unknown: byOutcome('unknown'),
      lost: count('lost'),
      doubled: count('doubled'),
      wrong: count('wrong'),
      ...recoveryOf(incidents),
    },
    findings,
    incidents,
    misses,
    unaskedRestarts: result.unaskedRestarts,
    unavailable: result.unavailable,
    problems: [
      ...(findings.length > 0 ? [`the audit has ${findings.length} findings`] : []),
      ...rows.filter(({ times }) => times === 0).map(({ fault }) => `it was not brought about: ${fault}`),
      ...incidents.flatMap((incident) => describeLate(incident, limits)),
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

const faultsAt = (incidents: readonly Incident[], time: number | undefined): string[] =>
  time === undefined
    ? []
    : incidents.filter((each) => time >= each.begun && time < endOf(each)).map(({ fault }) => fault);

function recoveryOf(incidents: readonly Incident[]): Pick<Row, 'medianMs' | 'maxMs'> {
  const times = incidents.flatMap(({ recoveryMs }) => recoveryMs ?? []).sort((a, b) => a - b);
  return { medianMs: times[times.length >> 1], maxMs: times.at(-1) };
}

function describeLate({ what, recoveryMs, lastFailure }: Incident, limits: Limits): string[] {
  if (recoveryMs === undefined) return [`no recovery from ${what}: ${lastFailure ?? 'no canary ended'}`];
  return recoveryMs > limits.recoveryMs ? [`recovery from ${what} took ${recoveryMs} ms`] : [];
}
