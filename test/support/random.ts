export type Random = {
  /** From 0, included, to 1, excluded. */
  next(): number;
  /** @throws RangeError where there is nothing to pick from */
  pick<T>(xs: readonly T[]): T;
  /** One of these, more often the more it weighs; undefined where none weighs anything. */
  weighted<T>(xs: readonly T[], weightOf: (x: T) => number): T | undefined;
  /** A whole number, both ends included. */
  between(min: number, max: number): number;
  /** A copy in another order. */
  shuffle<T>(xs: readonly T[]): T[];
};

/** The same numbers for the same seed: mulberry32, whose state is 32 bits. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (min: number, max: number) => min + Math.floor(next() * (max - min + 1));
  return {
    next,
    between,
    pick(xs) {
      if (xs.length === 0) throw new RangeError('nothing to pick from');
      return xs[between(0, xs.length - 1)] as (typeof xs)[number];
    },
    weighted(xs, weightOf) {
      let rest = next() * xs.reduce((total, x) => total + weightOf(x), 0);
      return xs.find((x) => {
        rest -= weightOf(x);
        return rest < 0;
      });
    },
    shuffle(xs) {
      const copy = [...xs];
      for (let last = copy.length - 1; last > 0; last -= 1) {
        const other = between(0, last);
        [copy[last], copy[other]] = [copy[other] as (typeof xs)[number], copy[last] as (typeof xs)[number]];
      }
      return copy;
    },
  };
}
