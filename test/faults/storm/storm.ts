import { setTimeout as sleep } from 'node:timers/promises';
import { createRandom } from '../../support/random.ts';
import type { Fault, Injected } from '../catalog.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { type Recovery, runCanary, untilRecovered } from './recovery.ts';
import { createSchedule, type ScheduleOptions, type Turn } from './schedule.ts';

/** A fault as it was brought about; times are milliseconds since the epoch. */
export type Incident = {
  fault: string;
  /** 'kill -9 auth[1]'. */
  what: string;
  begun: number;
  healed: number;
  /** From the heal to the first canary that is through, in ms; undefined where none was in time. */
  recoveryMs: number | undefined;
  lastFailure?: string | undefined;
};

/** A fault that could not be brought about this time. */
type Miss = { fault: string; why: string };

export type StormOptions = {
  faults: readonly Fault[];
  schedule: ScheduleOptions;
  /** Faults go on at least so long, and until each has had its turn; `mostMs` ends them in any case. */
  leastMs: number;
  mostMs: number;
  note: (line: string) => void;
  signal: AbortSignal;
};

export type Storm = { incidents: Incident[]; misses: Miss[]; minutes: number };

const CANARY = { everyMs: 500, limitMs: 10_000, atOnce: 4, deadlineMs: 120_000 };

/** Brings faults about on a cluster, slot by slot, and notes how it comes back from them. */
export async function runStorm(cluster: Cluster, options: StormOptions): Promise<Storm> {
  const { faults, schedule, leastMs, mostMs } = options;
  const begun = performance.now();
  const elapsedMs = () => performance.now() - begun;
  const nextSlot = createSchedule(faults, schedule);
  const incidents: Incident[] = [];
  const misses: Miss[] = [];
  const isComplete = () => faults.every(({ name }) => incidents.some(({ fault }) => fault === name));

  /** Returns the turns that came to nothing. */
  async function attempt(slot: readonly Turn<Fault>[]): Promise<readonly Turn<Fault>[]> {
    const result = await carryOut(cluster, slot, options);
    incidents.push(...result.incidents);
    misses.push(...result.misses);
    return slot.filter(({ fault: { name } }) => result.misses.some(({ fault }) => fault === name));
  }

  while (elapsedMs() < mostMs && !(elapsedMs() >= leastMs && isComplete())) {
    const missed = await attempt(nextSlot());
    if (missed.length > 0) await attempt(missed);
  }
  return { incidents, misses, minutes: elapsedMs() / 60_000 };
}

/** Brings the faults of a slot about one after the other, heals them, and waits until the system is whole again. */
async function carryOut(
  cluster: Cluster,
  turns: readonly Turn<Fault>[],
  { note, signal }: StormOptions,
): Promise<Pick<Storm, 'incidents' | 'misses'>> {
  const misses: Miss[] = [];
  const open: { fault: string; begun: number; injected: Injected }[] = [];
  try {
    for (const { fault, seed, holdMs } of turns) {
      const begun = Date.now();
      try {
        const injected = await fault.inject(cluster, createRandom(seed));
        open.push({ fault: fault.name, begun, injected });
        note(injected.what);
      } catch (error) {
        const { message: why } = error as Error;
        misses.push({ fault: fault.name, why });
        note(`not brought about: ${fault.name}: ${why}`);
        continue;
      }
      await sleep(holdMs, undefined, { signal });
    }
  } finally {
    for (const { injected } of open.toReversed()) await injected.heal();
  }
  const healed = Date.now();
  const recovery = await untilRecovered((stop) => runCanary(cluster.url, stop), { ...CANARY, signal });
  if (open.length > 0) note(describeRecovery(recovery));
  const { ms: recoveryMs, lastFailure } = recovery;
  const incidents = open.map(({ fault, begun, injected: { what } }) => ({
    fault,
    what,
    begun,
    healed,
    recoveryMs,
    lastFailure,
  }));
  return { misses, incidents };
}

function describeRecovery({ ms, lastFailure }: Recovery): string {
  if (ms === undefined) return `  no recovery: ${lastFailure ?? 'no canary ended'}`;
  return `  back after ${(ms / 1_000).toFixed(1)} s${lastFailure ? `, before that: ${lastFailure}` : ''}`;
}
