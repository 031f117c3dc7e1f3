import { type Clocks, createClocks, fakeTimeLibrary } from './clock.ts';
import { disksUnavailable } from './small-disk.ts';
import type { Unavailable } from './types.ts';

export type Abilities = { clocks: Clocks | undefined; disks: boolean; unavailable: readonly Unavailable[] };

/** What this machine can do to a cluster beyond killing its processes; `clockFolder` keeps the offsets of clocks. */
export async function findAbilities(clockFolder: string): Promise<Abilities> {
  const library = fakeTimeLibrary();
  const diskProblem = await disksUnavailable();
  return {
    clocks: library === undefined ? undefined : createClocks(clockFolder, library),
    disks: diskProblem === undefined,
    unavailable: [
      ...(library === undefined ? [{ what: 'clock', why: 'libfaketime is not installed' } as const] : []),
      ...(diskProblem === undefined ? [] : [{ what: 'disk', why: diskProblem } as const]),
    ],
  };
}
