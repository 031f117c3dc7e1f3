import { setTimeout as sleep } from 'node:timers/promises';
import { runCanary } from './canary.ts';
import type { Fault } from './catalog/catalog.ts';
import type { Cluster } from './cluster/cluster.ts';
import { carryOut, type Incident, type Miss } from './incidents.ts';
import { createRandom } from './random.ts';
import { untilRecovered } from './recovery.ts';
import { createSchedule, type ScheduleOptions, type Turn } from './schedule.ts';

export type StormOptions = {
  faults: readonly Fault[];
  schedule: ScheduleOptions;
  /** Faults go on at least so long, and until each has had its turn; `mostMs` ends them in any case. */
  leastMs: number;
  mostMs: number;
  say: (line: string) => void;
  signal: AbortSignal;
};

export type Storm = { incidents: Incident[]; misses: Miss[]; minutes: number };

const CANARY = { everyMs: 500, limitMs: 10_000, atOnce: 4, deadlineMs: 120_000 };

/** Brings faults about on a cluster, slot by slot, and notes how it comes back from them. */
export async function runStorm(cluster: Cluster, options: StormOptions): Promise<Storm> {
  const { faults, schedule, leastMs, mostMs, say, signal } = options;
  const begun = performance.now();
  const elapsedMs = () => performance.now() - begun;
  const nextSlot = createSchedule(faults, schedule);
  const incidents: Incident[] = [];
  const misses: Miss[] = [];
  const isComplete = () => faults.every(({ name }) => incidents.some(({ fault }) => fault === name));

  /** Returns the turns that came to nothing. */
  async function attempt(slot: readonly Turn<Fault>[]): Promise<readonly Turn<Fault>[]> {
    const result = await carryOut(slot, {
      inject: ({ fault, seed }) => fault.inject(cluster, createRandom(seed)),
      hold: (ms) => sleep(ms, undefined, { signal }),
      recover: () => untilRecovered((stop) => runCanary(cluster.url, stop), { ...CANARY, signal }),
      onStep: say,
    });
    incidents.push(...result.incidents);
    misses.push(...result.misses);
    for (const { fault, why } of result.misses) say(`not brought about: ${fault}: ${why}`);
    if (result.incidents[0]) say(describeRecovery(result.incidents[0]));
    return slot.filter(({ fault: { name } }) => result.misses.some(({ fault }) => fault === name));
  }

  while (elapsedMs() < mostMs && !(elapsedMs() >= leastMs && isComplete())) {
    const missed = await attempt(nextSlot());
    if (missed.length > 0) await attempt(missed);
  }
  return { incidents, misses, minutes: elapsedMs() / 60_000 };
}

function describeRecovery({ recoveryMs, lastFailure }: Incident): string {
  if (recoveryMs === undefined) return `  no recovery: ${lastFailure ?? 'no canary ended'}`;
  return `  back after ${(recoveryMs / 1_000).toFixed(1)} s${lastFailure ? `, before that: ${lastFailure}` : ''}`;
}
