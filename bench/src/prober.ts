import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { percentile } from './statistics.ts';

const EVERY_MS = 20;

export type Probes = { p99Ms: number; failed: number };

/** Asks `url` at a steady pace while `work` is under way, whether or not the last answer has come. */
export async function probeDuring<Result>(
  url: string,
  work: () => Promise<Result>,
): Promise<{ result: Result; probes: Probes }> {
  const agent = new Agent({ keepAlive: true });
  const probes: Promise<number>[] = [];
  const done = new AbortController();
  const asking = (async () => {
    while (!done.signal.aborted) {
      probes.push(probe(url, agent));
      await sleep(EVERY_MS, undefined, { signal: done.signal }).catch(() => {});
    }
  })();
  try {
    const result = await work();
    done.abort();
    await asking;
    const times = await Promise.all(probes);
    const answered = times.filter((time) => !Number.isNaN(time));
    return { result, probes: { p99Ms: percentile(answered, 99), failed: times.length - answered.length } };
  } finally {
    done.abort();
    agent.destroy();
  }
}

/** Milliseconds until the answer is there, NaN where it is not 200. */
function probe(url: string, agent: Agent): Promise<number> {
  const began = performance.now();
  return new Promise((resolve) => {
    const request = get(url, { agent }, (response) => {
      response.resume();
      response.once('close', () => resolve(response.statusCode === 200 ? performance.now() - began : Number.NaN));
    });
    request.once('error', () => resolve(Number.NaN));
  });
}
