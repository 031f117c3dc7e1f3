import { setTimeout as sleep } from 'node:timers/promises';
import { withClient } from '@wave-connect/dev-env/postgres';
import { SERVICES, type System, startSystem } from '@wave-connect/dev-env/system';
import { startSteadyProcess } from '../harness/steady-process.ts';
import type { SteadyResult } from '../load/steady-load.ts';
import { leftovers, type Rest } from './rest.ts';
import { type Sample, takeSample, type Watched } from './samples.ts';

export type Soak = { minutes: number; rate: number; samples: readonly Sample[]; rest: Rest; load: SteadyResult };

export type SoakOptions = {
  seed: number;
  minutes: number;
  /** Requests per second. */
  rate: number;
  note: (line: string) => void;
  onLine: (part: string, line: string) => void;
  signal: AbortSignal;
};

const SAMPLE_EVERY_MS = 5_000;
const MINUTE_MS = 60_000;
const NOTE_EVERY_MINUTES = 1;
/** Longer than an idle connection is kept by whoever keeps it longest, a pool of the database's. */
const REST_MS = 90_000;
const PUBLISHERS = ['auth', 'chat', 'profile'] as const;

/** A system on Kafka under steady load, each of its processes looked at every five seconds. */
export async function soak({ seed, minutes, rate, note, onLine, signal }: SoakOptions): Promise<Soak> {
  note('starting the system');
  const env = { LOG_LEVEL: 'warn', BCRYPT_COST: '4' };
  const system = await startSystem({ kafka: true, env, onLine, signal });
  try {
    const before = await sampleAll(system, 0);
    const load = await startSteadyProcess({ url: system.url, rate, seed });
    try {
      note(`${rate} requests a second for ${minutes} minutes`);
      const samples = await sampleFor(minutes * MINUTE_MS, system, { note, signal });
      const result = await load.stop();
      return { minutes, rate, samples, load: result, rest: { before, after: await atRest(system, before, signal) } };
    } finally {
      load.kill();
    }
  } finally {
    await system.stop();
  }
}

async function sampleFor(
  lengthMs: number,
  system: System,
  { note, signal }: Pick<SoakOptions, 'note' | 'signal'>,
): Promise<Sample[]> {
  const begun = performance.now();
  const elapsedMs = () => performance.now() - begun;
  const samples: Sample[] = [];
  let noted = 0;
  for (let next = 0; next < lengthMs; next += SAMPLE_EVERY_MS) {
    await sleep(Math.max(next - elapsedMs(), 0), undefined, { signal });
    const atS = next / 1_000;
    samples.push(...(await sampleAll(system, atS)), await countWaiting(system, atS));
    if (elapsedMs() < (noted + NOTE_EVERY_MINUTES) * MINUTE_MS) continue;
    noted += NOTE_EVERY_MINUTES;
    note(`minute ${noted}`);
  }
  return samples;
}

const sampleAll = (system: System, atS: number): Promise<Sample[]> =>
  Promise.all(watchedOf(system).map((watched) => takeSample(watched, atS)));

/** What is left once nothing is left over from the load, or idle connections have had their time. */
async function atRest(system: System, before: readonly Sample[], signal: AbortSignal): Promise<Sample[]> {
  const deadline = performance.now() + REST_MS;
  for (;;) {
    const after = await sampleAll(system, 0);
    if (leftovers({ before, after }).length === 0 || performance.now() > deadline) return after;
    await sleep(SAMPLE_EVERY_MS, undefined, { signal });
  }
}

/** The processes as they are at the moment. */
const watchedOf = ({ services, ports, postgres, kafka }: System): Watched[] => [
  ...SERVICES.map((name) => ({
    part: name,
    pid: services[name].pid,
    metricsUrl: `http://127.0.0.1:${ports[`${name}-metrics`]}`,
  })),
  { part: 'postgres', pid: postgres.pid },
  ...(kafka ? [{ part: 'kafka', pid: kafka.pid }] : []),
];

/** Events in the outboxes, all together. */
async function countWaiting({ databaseUrl }: System, atS: number): Promise<Sample> {
  const waiting = await Promise.all(
    PUBLISHERS.map((name) =>
      withClient(databaseUrl(name), async (client) => {
        const { rows } = await client.query<{ count: string }>('SELECT count(*) FROM outbox');
        return Number(rows[0]?.count);
      }),
    ),
  );
  return { part: 'outboxes', atS, values: { rows: waiting.reduce((sum, rows) => sum + rows, 0) } };
}
