import { median } from '../../test/support/statistics.ts';

/** Medians of the rounds in which all of them have a value. */
export const medianOf = <Item>(items: Item[], read: (item: Item) => number | undefined): number | undefined => {
  const values = items.map(read).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : median(values);
};

/** How many times as fast one was as the other: the median over rounds, so that what slows both does not count. */
export const ratio = (ours: { rate: number }[], theirs: { rate: number }[]): number =>
  median(ours.map(({ rate }, round) => rate / (theirs[round]?.rate ?? Number.NaN)));
