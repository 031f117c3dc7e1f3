import { setTimeout as sleep } from 'node:timers/promises';
import { createHttpClient } from '../../test/support/http-client.ts';
import { percentile } from '../../test/support/statistics.ts';

const EVERY_MS = 20;

export type Probes = { p99Ms: number; failed: number };

/** Asks `url` at a steady pace during `work`, whether or not the last response has come. */
export async function probeDuring<Result>(
  url: string,
  work: () => Promise<Result>,
): Promise<{ result: Result; probes: Probes }> {
  const { origin, pathname: path } = new URL(url);
  const http = createHttpClient(origin, { maxSockets: Number.POSITIVE_INFINITY });
  const times: number[] = [];
  const probes: Promise<void>[] = [];
  const done = new AbortController();

  async function probe(): Promise<void> {
    const began = performance.now();
    const reply = await http.send({ method: 'GET', path });
    if ('status' in reply && reply.status === 200) times.push(performance.now() - began);
  }
  async function probeOnAndOn(): Promise<void> {
    while (!done.signal.aborted) {
      probes.push(probe());
      await sleep(EVERY_MS, undefined, { signal: done.signal }).catch(() => {});
    }
  }

  const probing = probeOnAndOn();
  try {
    const result = await work();
    done.abort();
    await probing;
    await Promise.all(probes);
    return { result, probes: { p99Ms: percentile(times, 99), failed: probes.length - times.length } };
  } finally {
    done.abort();
    http.close();
  }
}
