import { contendersOf, type Measured, medianOf, type RowResult, ratio } from './measurement.ts';

type Cells = [name: string, rate: string, spread: string, p50: string, p99: string, ratio: string];

const WIDTHS = [40, 10, 18, 9, 9, 10] as const;

/** One table of all rows: what each contender did, how many times as fast ours is, and which targets are met. */
export const table = (rows: RowResult[]): string => rows.map(block).join('\n\n');

const block = (row: RowResult): string =>
  [
    line([row.title, row.unit, 'least–most', 'p50 ms', 'p99 ms', 'ours is']),
    '─'.repeat(WIDTHS.reduce((sum, width) => sum + width, 0)),
    ...contendersOf(row).flatMap((contender) => [line(cells(contender, row)), ...notes(contender)]),
    ...row.verdicts.map(({ target, measured, met }) => `  ${met ? 'met    ' : 'MISSED '} ${target}: ${measured}`),
  ].join('\n');

function cells({ name, samples }: Measured, { ours }: RowResult): Cells {
  const rates = samples.map(({ rate }) => rate);
  const own = samples === ours.samples;
  return [
    `  ${name}`,
    count(medianOf(samples, ({ rate }) => rate)),
    `${count(Math.min(...rates))}–${count(Math.max(...rates))}`,
    milliseconds(medianOf(samples, ({ p50Ms }) => p50Ms)),
    milliseconds(medianOf(samples, ({ p99Ms }) => p99Ms)),
    own ? '' : `${ratio(ours.samples, samples).toFixed(2)} ×`,
  ];
}

/** The other figures of a contender, and its errors. */
function notes({ samples }: Measured): string[] {
  const names = Object.keys(samples[0]?.figures ?? {});
  const figures = names.map((name) => `${name}: ${decimal(medianOf(samples, ({ figures }) => figures?.[name]))}`);
  const errors = samples.reduce((sum, sample) => sum + sample.errors, 0);
  const example = samples.find(({ error }) => error !== undefined)?.error ?? 'not said which';
  return [
    ...(figures.length > 0 ? [`      ${figures.join(' · ')}`] : []),
    ...(errors > 0 ? [`      FAILED: ${errors} errors, such as: ${example}`] : []),
  ];
}

const line = (cells: Cells): string =>
  cells.map((cell, at) => (at === 0 ? cell.padEnd(WIDTHS[at]) : cell.padStart(WIDTHS[at] ?? 0))).join('');

const count = (value: number | undefined): string =>
  value === undefined ? '' : value.toLocaleString('en', { maximumFractionDigits: value < 100 ? 1 : 0 });

const decimal = (value = Number.NaN): string => value.toLocaleString('en', { maximumFractionDigits: 1 });

const milliseconds = (value: number | undefined): string => value?.toFixed(1) ?? '';
