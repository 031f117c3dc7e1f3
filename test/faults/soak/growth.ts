/** A value over time: `atS` in seconds. */
export type Point = { atS: number; value: number };

/** What counts as flat: total growth below the share of what there was at first, or below the amount. */
export type FlatRule = { share: number; amount: number };

export type Growth = {
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
  return {
    early,
    late: median(valuesOf(minutes.slice(-LATE_MINUTES))),
    perMinute,
    total,
    isFlat: total < Math.max(rule.share * early, rule.amount),
  };
}

/** Of the line with the least squares. */
function slope(xs: readonly number[], ys: readonly number[]): number {
  const [middleX, middleY] = [mean(xs), mean(ys)];
  const covariance = xs.reduce((sum, x, index) => sum + (x - middleX) * ((ys[index] ?? 0) - middleY), 0);
  return covariance / xs.reduce((sum, x) => sum + (x - middleX) ** 2, 0);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
