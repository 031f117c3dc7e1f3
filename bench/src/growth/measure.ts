import { createHttpClient, describeReply } from '../../../test/support/http-client.ts';
import { percentile } from '../../../test/support/statistics.ts';

/** A list at one size of its table: where the service is, which path has the list, and the account that asks. */
export type Contender = { rows: number; url: string; path: string; userId: string };
export type Timing = { rows: number; p50Ms: number; p99Ms: number };

const WARM_UP = 50;

/**
 * One request at a time, a turn of the sizes for each sample, so that what slows the machine slows all of them.
 * @throws where a response is not a full page
 */
export async function measure(contenders: Contender[], samples: number): Promise<Timing[]> {
  const timed = contenders.map((contender) => ({
    ...contender,
    http: createHttpClient(contender.url),
    times: [] as number[],
  }));
  for (let turn = -WARM_UP; turn < samples; turn += 1) {
    for (const { http, path, userId, times } of timed) {
      const begin = performance.now();
      const reply = await http.send({ method: 'GET', path, headers: { 'X-User-ID': userId } });
      const tookMs = performance.now() - begin;
      if (!('status' in reply) || reply.status !== 200 || reply.body.items.length === 0) {
        throw new Error(`GET ${path}: ${describeReply(reply)}`);
      }
      if (turn >= 0) times.push(tookMs);
    }
  }
  for (const { http } of timed) http.close();
  return timed.map(({ rows, times }) => ({ rows, p50Ms: percentile(times, 50), p99Ms: percentile(times, 99) }));
}
