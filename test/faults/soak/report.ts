import { formatTable } from '../harness/table.ts';
import { type FlatRule, type Growth, judgeGrowth } from './growth.ts';
import { leftovers } from './rest.ts';
import type { Sample } from './samples.ts';
import type { Soak } from './soak.ts';

/** `isFlat` is left out for what is shown, not judged: parts that are not ours, and what follows the load. */
type Judged = { part: string; measure: string } & Omit<Growth, 'isFlat'> & { isFlat?: boolean };

export type SoakReport = { judged: readonly Judged[]; problems: readonly string[] };

const MB = 1_000_000;
const UNJUDGED = ['postgres', 'kafka'];

/** Node gives memory back to the machine late and in part, so what it holds may grow more than what it uses. */
const RULES: Readonly<Record<string, FlatRule>> = {
  heap: { share: 0.1, amount: 8 * MB },
  rss: { share: 0.2, amount: 24 * MB },
  rows: { share: 0.1, amount: 100 },
};
const SHOWN: Readonly<Record<string, FlatRule>> = {
  ...RULES,
  handles: { share: 0, amount: 0 },
  fds: { share: 0, amount: 0 },
  sockets: { share: 0, amount: 0 },
};

export function judgeSoak({ samples, rest, load }: Pick<Soak, 'samples' | 'rest' | 'load'>): SoakReport {
  const judged = [...Map.groupBy(samples, ({ part }) => part)].flatMap(([part, own]) => judgePart(part, own));
  return {
    judged,
    problems: [
      ...judged.filter(({ isFlat }) => isFlat === false).map(({ part, measure }) => `${measure} of ${part} grows`),
      ...leftovers(rest).map(
        ({ part, measure, before, after }) =>
          `${part} at rest: ${before} ${measure} before the load, ${after} after it`,
      ),
      ...(load.failures.length > 0
        ? [`${load.failures.length} requests failed, the first: ${load.failures[0]?.why}`]
        : []),
      ...(load.chat.missed.length > 0 ? [`${load.chat.missed.length} chat messages were missed`] : []),
    ],
  };
}

function judgePart(part: string, samples: readonly Sample[]): Judged[] {
  return Object.entries(SHOWN)
    .filter(([measure]) => samples.some(({ values }) => measure in values))
    .map(([measure, rule]) => {
      const points = samples.map(({ atS, values }) => ({ atS, value: values[measure] ?? 0 }));
      const { isFlat, ...growth } = judgeGrowth(points, rule);
      return { part, measure, ...growth, ...(measure in RULES && !UNJUDGED.includes(part) && { isFlat }) };
    });
}

export function formatSoak({ minutes, rate, load }: Soak, { judged, problems }: SoakReport): string {
  return [
    formatTable(['process', 'measure', 'min 2–3', 'last two', 'a minute', 'in all', 'verdict'], judged.map(cellsOf)),
    '',
    `Memory in MB. Growth is that of a line through the least value of each minute but the first; flat is below ` +
      `${Object.entries(RULES).map(describeRule).join(', ')}. Handles, descriptors and sockets follow the load; once it ` +
      'has ended there may be 5 more of each than before it.',
    `${minutes} min at ${rate} requests a second: ${load.requests} requests, ${load.failures.length} failed, ` +
      `p50 ${load.p50} ms, p99 ${load.p99} ms; ${load.chat.acknowledged} chat messages by socket`,
    ...problems.map((problem) => `FAILED: ${problem}`),
    ...(problems.length === 0 ? ['passed'] : []),
  ].join('\n');
}

const WIDTH = 9;

const isMemory = (measure: string) => measure === 'heap' || measure === 'rss';

const figure = (measure: string, value: number) => (isMemory(measure) ? value / MB : value).toFixed(1).padStart(WIDTH);

const cellsOf = ({ part, measure, early, late, perMinute, total, isFlat }: Judged) => [
  part,
  measure,
  ...[early, late, perMinute, total].map((value) => figure(measure, value)),
  isFlat === undefined ? 'not judged' : isFlat ? 'flat' : 'GROWS',
];

const describeRule = ([measure, { share, amount }]: [string, FlatRule]) =>
  `${share * 100} % or ${isMemory(measure) ? `${amount / MB} MB` : amount} for ${measure}`;
