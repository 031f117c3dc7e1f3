import type { Sample } from './samples.ts';

/** Looks at every process before the load began and after it had ended. */
export type Rest = { before: readonly Sample[]; after: readonly Sample[] };

export type Leftover = { part: string; measure: string; before: number; after: number };

/** Under load connections come and go with it, so these are compared without. */
const MEASURES = ['handles', 'fds', 'sockets'];
/** How many more there may be than in a process that has not served yet. */
const ALLOWED = 5;

/** Handles, descriptors and sockets that a load has left open. */
export function leftovers({ before, after }: Rest): Leftover[] {
  return after
    .flatMap(({ part, values }) =>
      MEASURES.map((measure) => ({
        part,
        measure,
        before: countIn(before, part, measure),
        after: values[measure] ?? 0,
      })),
    )
    .filter((each) => each.after - each.before > ALLOWED);
}

const countIn = (samples: readonly Sample[], part: string, measure: string): number =>
  samples.find((sample) => sample.part === part)?.values[measure] ?? 0;
