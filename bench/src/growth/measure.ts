import { Agent, request } from 'node:http';
import { percentile } from '../statistics.ts';

/** A list at one size of its table. */
export type Contender = { rows: number; url: string; userId: string };
export type Timing = { rows: number; p50Ms: number; p99Ms: number };

const WARM_UP = 50;
const agent = new Agent({ keepAlive: true });

/**
 * One request at a time, a turn of the sizes for each sample, so that what slows the machine slows all of them.
 * @throws where an answer is not a full page
 */
export async function measure(contenders: Contender[], samples: number): Promise<Timing[]> {
  const times = contenders.map(() => [] as number[]);
  for (let turn = -WARM_UP; turn < samples; turn += 1) {
    for (const [at, contender] of contenders.entries()) {
      const took = await timeOf(contender);
      if (turn >= 0) times[at]?.push(took);
    }
  }
  return contenders.map(({ rows }, at) => ({
    rows,
    p50Ms: percentile(times[at] ?? [], 50),
    p99Ms: percentile(times[at] ?? [], 99),
  }));
}

function timeOf({ url, userId }: Contender): Promise<number> {
  const begin = performance.now();
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, headers: { 'X-User-ID': userId } }, (res) => {
      let body = '';
      res.setEncoding('utf8');
      res.on('data', (chunk) => {
        body += chunk;
      });
      res.on('end', () => {
        const took = performance.now() - begin;
        if (res.statusCode === 200 && JSON.parse(body).items.length > 0) resolve(took);
        else reject(new Error(`${url} answered ${res.statusCode}: ${body.slice(0, 200)}`));
      });
    });
    sent.on('error', reject).end();
  });
}
