import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { family } from '@wave-connect/dev-env/processes';

const SAMPLE_EVERY_MS = 50;
const KiB = 1_024;

/** Bytes that a process and those below it hold in memory. */
export const residentBytes = (pid: number): number => family(pid).reduce((sum, member) => sum + residentOf(member), 0);

/** Bytes that one process holds in memory, 0 where it has ended. */
export function residentOf(pid: number): number {
  try {
    return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * KiB;
  } catch {
    return 0;
  }
}

/** The most that a process holds during `work`. */
export async function peakBytes<Result>(
  pid: number,
  work: () => Promise<Result>,
): Promise<{ result: Result; peak: number }> {
  let peak = residentBytes(pid);
  const done = new AbortController();
  const watching = (async () => {
    while (!done.signal.aborted) {
      peak = Math.max(peak, residentBytes(pid));
      await sleep(SAMPLE_EVERY_MS, undefined, { signal: done.signal }).catch(() => {});
    }
  })();
  try {
    return { result: await work(), peak: Math.max(peak, residentBytes(pid)) };
  } finally {
    done.abort();
    await watching;
  }
}
