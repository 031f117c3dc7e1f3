import { formatTable } from '../../../test/support/table.ts';
import type { Timing } from './measure.ts';

export type GrowthRow = { name: string; timings: Timing[]; ratio: number; flat: boolean };

/** p50 of the largest table may be so many times that of the smallest. */
export const FLAT = 1.2;

export function growthRow(name: string, timings: Timing[]): GrowthRow {
  const ratio = (timings.at(-1)?.p50Ms ?? Number.NaN) / (timings[0]?.p50Ms ?? Number.NaN);
  return { name, timings, ratio, flat: ratio <= FLAT };
}

export function growthTable(rows: GrowthRow[]): string {
  const sizes = rows[0]?.timings.map(({ rows }) => rows.toLocaleString('en')) ?? [];
  return formatTable(
    ['p50 / p99 in ms, by rows', ...sizes, 'last ÷ first'],
    rows.map(({ name, timings, ratio, flat }) => [
      name,
      ...timings.map(({ p50Ms, p99Ms }) => `${p50Ms.toFixed(2)} / ${p99Ms.toFixed(2)}`),
      `${ratio.toFixed(2)}${flat ? '' : ' GROWS'}`,
    ]),
  );
}
