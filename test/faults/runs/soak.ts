import { readdir } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICES, type System, startSystem } from '@wave-connect/dev-env/system';
import { startSteadyProcess } from '../../load/steady-process.ts';
import { residentOf } from '../../support/memory.ts';
import { sum } from '../../support/statistics.ts';
import { outboxCounts } from '../audit/settle.ts';
import type { Context, Program } from './program.ts';
import { formatSoak, judgeSoak, leftovers, type Sample, type Soak } from './soak-report.ts';

/** The program that looks for what grows as a system runs: memory, handles, events that wait. */
export const soak: Program = {
  usual: { minutes: 10, rate: 50 },
  nameOf: () => 'soak',
  async run(context) {
    const result = await soakSystem(context);
    const report = judgeSoak(result);
    return { text: formatSoak(result, report), problems: report.problems, result: { ...report, ...result } };
  },
};

const SAMPLE_EVERY_MS = 5_000;
const MINUTE_MS = 60_000;
/** Longer than any idle connection is kept, those of a pool of the database's included. */
const REST_MS = 90_000;

/** A system on Kafka under steady load, each of its processes looked at every five seconds. */
async function soakSystem(context: Context): Promise<Soak> {
  const { seed, minutes, rate, note, onLine, signal } = context;
  note('starting the system');
  const env = { LOG_LEVEL: 'warn', BCRYPT_COST: '4' };
  const system = await startSystem({ kafka: true, env, onLine, signal });
  try {
    const before = await sampleAll(system, 0);
    const load = await startSteadyProcess({ url: system.url, rate, seed });
    try {
      note(`${rate} requests a second for ${minutes} minutes`);
      const samples = await sampleFor(system, context);
      const result = await load.stop();
      return { minutes, rate, samples, load: result, rest: { before, after: await atRest(system, before, signal) } };
    } finally {
      load.kill();
    }
  } finally {
    await system.stop();
  }
}

async function sampleFor(system: System, { minutes, note, signal }: Context): Promise<Sample[]> {
  const begun = performance.now();
  const samples: Sample[] = [];
  let noted = 0;
  for (let next = 0; next < minutes * MINUTE_MS; next += SAMPLE_EVERY_MS) {
    await sleep(Math.max(next - (performance.now() - begun), 0), undefined, { signal });
    const atS = next / 1_000;
    const rows = sum((await outboxCounts(system)).map(({ waiting }) => waiting));
    samples.push(...(await sampleAll(system, atS)), { part: 'outboxes', atS, values: { rows } });
    if (performance.now() - begun < (noted + 1) * MINUTE_MS) continue;
    noted += 1;
    note(`minute ${noted}`);
  }
  return samples;
}

/** What is left once nothing is left over from the load, or idle connections have had their time. */
async function atRest(system: System, before: readonly Sample[], signal: AbortSignal): Promise<Sample[]> {
  const deadline = performance.now() + REST_MS;
  for (;;) {
    const after = await sampleAll(system, 0);
    if (leftovers({ before, after }).length === 0 || performance.now() > deadline) return after;
    await sleep(SAMPLE_EVERY_MS, undefined, { signal });
  }
}

/** Each process as it is at the moment. */
const sampleAll = ({ services, ports, postgres, kafka }: System, atS: number): Promise<Sample[]> =>
  Promise.all([
    ...SERVICES.map((name) => takeSample(name, services[name].pid, atS, ports[`${name}-metrics`])),
    takeSample('postgres', postgres.pid, atS),
    ...(kafka ? [takeSample('kafka', kafka.pid, atS)] : []),
  ]);

const RESPONSE_TIMEOUT_MS = 4_000;

/** Memory in bytes, counts else. What a process does not have is not there. */
async function takeSample(part: string, pid: number, atS: number, metricsPort?: number): Promise<Sample> {
  const signal = AbortSignal.timeout(RESPONSE_TIMEOUT_MS);
  const response = metricsPort ? await fetch(`http://127.0.0.1:${metricsPort}/metrics`, { signal }) : undefined;
  const metrics = response ? parseMetrics(await response.text()) : {};
  const fds = (await readdir(`/proc/${pid}/fd`)).length;
  return { part, atS, values: { rss: residentOf(pid), fds, ...metrics } };
}

/** Our names for what services measure of themselves. */
const METRICS: Readonly<Record<string, string>> = {
  nodejs_heap_size_used_bytes: 'heap',
  nodejs_active_handles_total: 'handles',
  chat_sockets_open: 'sockets',
};

/** The measures that we have names for, each summed over its labels. */
export function parseMetrics(text: string): Record<string, number> {
  const found: Record<string, number> = {};
  for (const [, metric = '', value] of text.matchAll(/^(\w+)(?:\{.*\})? (\S+)$/gm)) {
    const name = METRICS[metric];
    if (name !== undefined) found[name] = (found[name] ?? 0) + Number(value);
  }
  return found;
}
