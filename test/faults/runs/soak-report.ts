import type { SteadyResult } from '../../load/steady-load.ts';
import { median, sum } from '../../support/statistics.ts';
import { formatTable } from '../../support/table.ts';
import { verdict } from './program.ts';

/** What one look at one process gave, by the name of the measure; `atS` is seconds from the beginning of the load. */
export type Sample = { part: string; atS: number; values: Readonly<Record<string, number>> };

/** Looks at every process before the load began and after it had ended. */
type Rest = { before: readonly Sample[]; after: readonly Sample[] };

export type Soak = { minutes: number; rate: number; samples: readonly Sample[]; rest: Rest; load: SteadyResult };

/** A value over time: `atS` in seconds. */
export type Point = { atS: number; value: number };

/** What counts as flat: total growth below the share of what there was at first, or below the amount. */
type FlatRule = { share: number; amount: number };

type Growth = {
  /** The medians of minutes 2 and 3, and of the last two. */
  early: number;
  late: number;
  /** Of a line through the least value of each minute, the first one aside. */
  perMinute: number;
  /** What that comes to over all these minutes. */
  total: number;
  isFlat: boolean;
};

const MINUTE_S = 60;
const EARLY_MINUTES = [1, 2];
const LATE_MINUTES = 2;
/** A line needs two points; a verdict some more. */
const LEAST_MINUTES = 3;

/**
 * How a measure has grown. The least value of each minute is what garbage collection left: their line rises where
 * something is kept for ever, and swings of the heap do not show. The first minute is for warming up.
 * @throws RangeError where there are fewer than four whole minutes
 */
export function judgeGrowth(points: readonly Point[], rule: FlatRule): Growth {
  const byMinute = Map.groupBy(points, ({ atS }) => Math.floor(atS / MINUTE_S));
  const minutes = [...byMinute.keys()].filter((minute) => minute > 0).sort((a, b) => a - b);
  if (minutes.length < LEAST_MINUTES) throw new RangeError('a soak needs four minutes at least');
  const valuesOf = (wanted: readonly number[]) =>
    wanted.flatMap((minute) => byMinute.get(minute) ?? []).map(({ value }) => value);
  const least = minutes.map((minute) => Math.min(...valuesOf([minute])));
  const perMinute = slope(minutes, least);
  const total = perMinute * (minutes.length - 1);
  const early = median(valuesOf(EARLY_MINUTES));
  const late = median(valuesOf(minutes.slice(-LATE_MINUTES)));
  return { early, late, perMinute, total, isFlat: total < Math.max(rule.share * early, rule.amount) };
}

/** Of the line with the least squares. */
function slope(xs: readonly number[], ys: readonly number[]): number {
  const [middleX, middleY] = [sum(xs) / xs.length, sum(ys) / ys.length];
  const covariance = sum(xs.map((x, index) => (x - middleX) * ((ys[index] ?? 0) - middleY)));
  return covariance / sum(xs.map((x) => (x - middleX) ** 2));
}

/** Under load connections come and go with it, so these are compared without. */
const REST_MEASURES = ['handles', 'fds', 'sockets'];
/** How many more there may be than in a process that has not served yet. */
const ALLOWED = 5;

/** Handles, descriptors and sockets that a load has left open. */
export function leftovers({ before, after }: Rest) {
  const countBefore = (part: string, measure: string) =>
    before.find((sample) => sample.part === part)?.values[measure] ?? 0;
  return after
    .flatMap(({ part, values }) =>
      REST_MEASURES.map((measure) => {
        return { part, measure, before: countBefore(part, measure), after: values[measure] ?? 0 };
      }),
    )
    .filter((each) => each.after - each.before > ALLOWED);
}

/** `isFlat` is left out for what is shown, not judged: parts that are not ours, and what follows the load. */
type Judged = { part: string; measure: string } & Omit<Growth, 'isFlat'> & { isFlat?: boolean };

type SoakReport = { judged: readonly Judged[]; problems: readonly string[] };

const MB = 1_000_000;
const UNJUDGED = ['postgres', 'kafka'];

/** Node gives memory back to the machine late and in part, so what it holds may grow more than what it uses. */
const RULES: Readonly<Record<string, FlatRule>> = {
  heap: { share: 0.1, amount: 8 * MB },
  rss: { share: 0.2, amount: 24 * MB },
  rows: { share: 0.1, amount: 100 },
};
const MEASURES = [...Object.keys(RULES), ...REST_MEASURES];

export function judgeSoak({ samples, rest, load }: Pick<Soak, 'samples' | 'rest' | 'load'>): SoakReport {
  const { failures, chat } = load;
  const judged = [...Map.groupBy(samples, ({ part }) => part)].flatMap(([part, own]) => judgePart(part, own));
  return {
    judged,
    problems: [
      ...judged.filter(({ isFlat }) => isFlat === false).map(({ part, measure }) => `${measure} of ${part} grows`),
      ...leftovers(rest).map(
        ({ part, measure, before, after }) =>
          `${part} at rest: ${before} ${measure} before the load, ${after} after it`,
      ),
      ...(failures.length > 0 ? [`${failures.length} requests failed, the first: ${failures[0]?.why}`] : []),
      ...(chat.missed.length > 0 ? [`${chat.missed.length} chat messages were missed`] : []),
    ],
  };
}

function judgePart(part: string, samples: readonly Sample[]): Judged[] {
  return MEASURES.filter((measure) => samples.some(({ values }) => measure in values)).map((measure) => {
    const points = samples.map(({ atS, values }) => ({ atS, value: values[measure] ?? 0 }));
    const { isFlat, ...growth } = judgeGrowth(points, RULES[measure] ?? { share: 0, amount: 0 });
    return { part, measure, ...growth, ...(measure in RULES && !UNJUDGED.includes(part) && { isFlat }) };
  });
}

export function formatSoak({ minutes, rate, load }: Soak, { judged, problems }: SoakReport): string {
  const { requests, failures, p50, p99, chat } = load;
  return [
    formatTable(['process', 'measure', 'min 2–3', 'last two', 'a minute', 'in all', 'verdict'], judged.map(cellsOf)),
    '',
    `Memory in MB. Growth is that of a line through the least value of each minute but the first; flat is below ` +
      `${Object.entries(RULES).map(describeRule).join(', ')}. Handles, descriptors and sockets follow the load; once it ` +
      `has ended there may be ${ALLOWED} more of each than before it.`,
    `${minutes} min at ${rate} requests a second: ${requests} requests, ${failures.length} failed, ` +
      `p50 ${p50} ms, p99 ${p99} ms; ${chat.acknowledged} chat messages by socket`,
    ...verdict(problems),
  ].join('\n');
}

const WIDTH = 9;

const isMemory = (measure: string) => measure === 'heap' || measure === 'rss';

const cellsOf = ({ part, measure, early, late, perMinute, total, isFlat }: Judged) => [
  part,
  measure,
  ...[early, late, perMinute, total].map((value) =>
    (isMemory(measure) ? value / MB : value).toFixed(1).padStart(WIDTH),
  ),
  isFlat === undefined ? 'not judged' : isFlat ? 'flat' : 'GROWS',
];

const describeRule = ([measure, { share, amount }]: [string, FlatRule]) =>
  `${share * 100} % or ${isMemory(measure) ? `${amount / MB} MB` : amount} for ${measure}`;
