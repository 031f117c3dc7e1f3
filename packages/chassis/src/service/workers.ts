import cluster, { type Worker } from 'node:cluster';
import { canSharePort } from '../http/shared-port.ts';
import type { Logger } from '../observability/log.ts';
import { createMetricsServer, workersMetrics } from '../observability/metrics.ts';
import type { Lifecycle } from './lifecycle.ts';

export type WorkersConfig = {
  host: string;
  metricsPort: number;
  /** Processes that answer on one port. */
  workers: number;
  shutdown: { deadlineMs: number };
};

/** A worker that dies is replaced after this time in ms, doubled for each that dies soon after its start. */
const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** A worker that has run for so long did not die of its start. */
const STEADY_MS = 10_000;
/** What of the deadline workers have for their stop. They leave a tenth of it themselves. */
const SHARE_OF_WORKERS = 0.95;

/** Where a worker listens, as it tells the first process. */
type Listening = { listening: string };

export function tellPrimary(url: string): void {
  cluster.worker?.send({ listening: url } satisfies Listening);
}

/**
 * Processes of this program, as many as there are cores, say, that share its port. One that dies is replaced, but where
 * it has never listened, the start fails. Their metrics are served as one.
 */
export function createWorkers({ host, metricsPort, workers, shutdown }: WorkersConfig, log: Logger): Lifecycle {
  const metrics = createMetricsServer(workersMetrics(), { host, port: metricsPort });
  const running = new Set<Worker>();
  const pauses = new Set<NodeJS.Timeout>();
  const ended = Promise.withResolvers<void>();
  const notStopped: string[] = [];
  let stopping = false;
  let pauseMs = SHORTEST_PAUSE_MS;
  /** What the first one was given where any port would do. */
  let port: string | undefined;

  /** Resolves when it listens. */
  function launch(): Promise<void> {
    const worker = cluster.fork(port ? { PORT: port } : {});
    const began = performance.now();
    const listening = Promise.withResolvers<void>();
    running.add(worker);
    worker.on('message', (message: Listening | object) => {
      if (!('listening' in message)) return;
      if (canSharePort) port = new URL(message.listening).port;
      listening.resolve();
    });
    worker.once('exit', (code, signal) => {
      running.delete(worker);
      listening.reject(new Error(`a worker ended before it listened, with ${signal ?? code}`));
      if (stopping) {
        if (code !== 0) notStopped.push(`worker ${worker.id}`);
        if (running.size === 0) ended.resolve();
      } else replace({ code, signal }, performance.now() - began);
    });
    return listening.promise;
  }

  function replace(exit: { code: number; signal: string }, ranMs: number): void {
    pauseMs = ranMs >= STEADY_MS ? SHORTEST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    log.error({ ...exit, pause_ms: pauseMs }, 'a worker died; another takes its place');
    const timer = setTimeout(() => {
      pauses.delete(timer);
      launch().catch(() => {});
    }, pauseMs);
    pauses.add(timer);
  }

  async function stop(): Promise<void> {
    stopping = true;
    log.info({ workers: running.size }, 'stopping the workers');
    for (const timer of pauses) clearTimeout(timer);
    for (const worker of running) worker.process.kill('SIGTERM');
    if (running.size === 0) ended.resolve();
    const kill = setTimeout(() => {
      for (const worker of running) worker.process.kill('SIGKILL');
    }, shutdown.deadlineMs * SHARE_OF_WORKERS);
    await ended.promise;
    clearTimeout(kill);
    await metrics.stop();
  }

  return {
    async start() {
      log.info({ url: await metrics.start(), workers }, 'serving the metrics of the workers');
      await launch();
      await Promise.all(Array.from({ length: workers - 1 }, launch));
    },
    stop,
    notStopped,
  };
}
