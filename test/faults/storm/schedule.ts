import { createRandom, type Random } from '../../support/random.ts';

/** What a schedule has to know of a fault. */
export type Schedulable = {
  name: string;
  /** How often it is drawn compared to others, 1 when not given; 0 leaves it at its one turn. */
  weight?: number;
  /** How long it has to last at least, in ms. */
  holdMs?: number;
  /** Faults with none of these in common may overlap. */
  hurts: readonly string[];
};

/** A turn of a fault: `seed` settles the choices that it makes, `holdMs` how long it is held before what comes next. */
export type Turn<F> = { fault: F; seed: number; holdMs: number };

export type ScheduleOptions = {
  seed: number;
  hold: { minMs: number; maxMs: number };
  /** How often a fault gets a second one beside it, from 0 to 1, where one can be had. */
  overlap: number;
};

const SEEDS = 2 ** 31;

/**
 * Each call gives the next slot: faults to be brought about one after the other and healed together. Each fault has a
 * turn in the first slots, in shuffled order; after that they are drawn by weight, without end. The same faults and
 * options give the same slots, however far one gets.
 */
export function createSchedule<F extends Schedulable>(
  faults: readonly F[],
  { seed, hold, overlap }: ScheduleOptions,
): () => readonly Turn<F>[] {
  const random = createRandom(seed);
  const due = random.shuffle(faults);
  return () => {
    const first = due.shift() ?? draw(faults, random);
    const second = random.next() < overlap && first ? takeBeside(first, faults, due, random) : undefined;
    return [first, second]
      .filter((fault) => fault !== undefined)
      .map((fault) => ({
        fault,
        seed: random.between(0, SEEDS),
        holdMs: Math.max(random.between(hold.minMs, hold.maxMs), fault.holdMs ?? 0),
      }));
  };
}

const draw = <F extends Schedulable>(faults: readonly F[], random: Random): F | undefined =>
  random.weighted(faults, ({ weight = 1 }) => weight);

/** The next one that is due and may overlap; a drawn one once none is due. */
function takeBeside<F extends Schedulable>(first: F, faults: readonly F[], due: F[], random: Random): F | undefined {
  const mayOverlap = (fault: F) => fault !== first && !fault.hurts.some((part) => first.hurts.includes(part));
  if (due.length === 0) return draw(faults.filter(mayOverlap), random);
  const index = due.findIndex(mayOverlap);
  return index < 0 ? undefined : due.splice(index, 1)[0];
}
