/** Of no numbers, NaN. */
export function median(numbers: number[]): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = sorted.length / 2;
  const upper = sorted[Math.floor(middle)] ?? Number.NaN;
  return Number.isInteger(middle) ? (upper + (sorted[middle - 1] ?? Number.NaN)) / 2 : upper;
}

/** The nearest rank: a number that was among them. */
export function percentile(numbers: number[], percent: number): number {
  const sorted = numbers.toSorted((one, other) => one - other);
  return sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)] ?? Number.NaN;
}

/** Medians of the rounds in which all of them have a value. */
export const medianOf = <Item>(items: Item[], read: (item: Item) => number | undefined): number | undefined => {
  const values = items.map(read).filter((value) => value !== undefined);
  return values.length === 0 ? undefined : median(values);
};

/** How many times as fast one was as the other: the median over rounds, so that what slows both does not count. */
export const ratio = (ours: { rate: number }[], theirs: { rate: number }[]): number =>
  median(ours.map(({ rate }, round) => rate / (theirs[round]?.rate ?? Number.NaN)));
