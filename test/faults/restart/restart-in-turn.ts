import { setTimeout as sleep } from 'node:timers/promises';
import { SERVICES } from '@wave-connect/dev-env/system';
import { type Cluster, type Replica, startCluster, type UnaskedRestart, untilReady } from '../cluster/cluster.ts';
import { type SteadyProcess, startSteadyProcess } from '../harness/steady-process.ts';
import type { SteadyResult } from '../load/steady-load.ts';

/** `code` is that of its exit, null where a signal ended it. Times in ms: until it had ended, and until it was ready again. */
export type Restarted = { part: string; stopMs: number; code: number | null; readyMs: number };

export type RollingRestart = {
  restarted: readonly Restarted[];
  load: SteadyResult;
  /** Of processes that did not end by our doing. */
  unaskedRestarts: readonly UnaskedRestart[];
};

export type RestartOptions = {
  seed: number;
  /** Requests per second. */
  rate: number;
  note: (line: string) => void;
  onLine: (part: string, line: string) => void;
  signal: AbortSignal;
};

/** How many requests there have to be. */
export const LEAST_REQUESTS = 10_000;
/** Longer than services keep idle connections, so that each has been closed by its answer before they stop. */
const SHUTDOWN_DELAY_MS = 6_000;
const ENV = {
  SHUTDOWN_DELAY_MS: String(SHUTDOWN_DELAY_MS),
  LOG_LEVEL: 'warn',
  // No clock is moved here, and one that can be costs a file at each look.
  LD_PRELOAD: undefined,
};
/** How long a new replica is ready before the next one is stopped, as a Deployment's minReadySeconds. */
const MIN_READY_MS = 2_000;
const WARM_UP_MS = 10_000;

/**
 * Restarts each replica by SIGTERM, one after the other, each while all of its service are ready. Requests go on at a
 * steady rate meanwhile.
 */
export async function restartInTurn({ seed, rate, note, onLine, signal }: RestartOptions): Promise<RollingRestart> {
  note('starting the system');
  const cluster = await startCluster({ env: ENV, pastServiceLinks: true, onLine, signal });
  const startLoad = () => startSteadyProcess({ url: cluster.url, rate, seed });
  try {
    await warmUp(startLoad, signal);
    const load = await startLoad();
    try {
      note(`${rate} requests a second`);
      const leastMs = sleep((LEAST_REQUESTS / rate) * 1_000, undefined, { signal });
      leastMs.catch(() => {});
      const restarted: Restarted[] = [];
      for (const replica of replicasOf(cluster)) {
        await Promise.all(cluster.replicas[replica.name].map((each) => untilReady(each, signal)));
        restarted.push(await restart(replica));
        note(describe(restarted.at(-1) as Restarted));
        await sleep(MIN_READY_MS, undefined, { signal });
      }
      await leastMs;
      return { restarted, load: await load.stop(), unaskedRestarts: cluster.unaskedRestarts };
    } finally {
      load.kill();
    }
  } finally {
    await cluster.stop();
  }
}

/** A while under load that does not count: processes that have served before are what a Deployment restarts. */
async function warmUp(startLoad: () => Promise<SteadyProcess>, signal: AbortSignal): Promise<void> {
  const load = await startLoad();
  try {
    await sleep(WARM_UP_MS, undefined, { signal });
    await load.stop();
  } finally {
    load.kill();
  }
}

const replicasOf = ({ replicas }: Cluster): Replica[] => SERVICES.flatMap((name) => replicas[name]);

async function restart(replica: Replica): Promise<Restarted> {
  const { part, exited } = replica;
  const begun = performance.now();
  await replica.stop('SIGTERM');
  const stopMs = Math.round(performance.now() - begun);
  const { code } = await exited;
  await replica.restart();
  await untilReady(replica);
  return { part, stopMs, code, readyMs: Math.round(performance.now() - begun) };
}

const describe = ({ part, stopMs, code, readyMs }: Restarted): string =>
  `${part} stopped in ${stopMs} ms with ${code ?? 'a signal'}, and was ready again after ${readyMs} ms`;
