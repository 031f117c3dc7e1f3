import cluster, { type Worker } from 'node:cluster';
import { createMetricsPart } from '@wave-connect/chassis/http';
import type { Exposition, Logger, Metrics } from '@wave-connect/chassis/observability';
import type { Lifecycle, Part, Service } from '@wave-connect/chassis/service';
import { AggregatorRegistry } from 'prom-client';
import type { GatewayConfig } from './config.ts';

const PLATFORMS = ['linux', 'freebsd', 'sunos', 'aix'];

/** Whether the system lets several processes listen on one port, each with a queue of its own: SO_REUSEPORT, socket(7). */
export const canSharePort = PLATFORMS.includes(process.platform);

/** Whether this process listens beside others. Elsewhere the primary accepts for all of them. */
export const sharesPort = cluster.isWorker && canSharePort;

/** A worker that dies is replaced after this time in ms, doubled for each that dies soon after its start. */
const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/** A worker that has run for so long did not die of its start. */
const STEADY_MS = 10_000;
/** The share of the deadline that workers have for their stop. They leave a tenth of it themselves. */
const SHARE_OF_WORKERS = 0.95;

/** Where a worker listens, as it tells the primary. */
type Listening = { listening: string };

/** A gateway that is one of several workers: it tells the primary where it listens, and leaves it when it has stopped. */
export function asWorker(gateway: Service): Lifecycle {
  return {
    async start() {
      await gateway.start();
      // A stop that came meanwhile has left the primary.
      if (cluster.worker?.isConnected()) cluster.worker.send({ listening: gateway.url } satisfies Listening);
    },
    async stop() {
      await gateway.stop();
      // The channel to the primary would keep the process.
      cluster.worker?.disconnect();
    },
    notStopped: gateway.notStopped,
  };
}

/** A worker hands its metrics to the primary, which serves those of all. */
export function metricsPartOf(metrics: Metrics): (Part & { url: string }) | undefined {
  if (!cluster.isWorker) return undefined;
  return {
    name: 'metrics',
    url: '',
    start() {
      AggregatorRegistry.setRegistries([metrics.registry]);
      // Begins to listen to the primary.
      new AggregatorRegistry();
    },
  };
}

/** The workers' metrics, added up, or averaged where a sum would say nothing. */
function workersMetrics(): Exposition {
  const registry = new AggregatorRegistry();
  return { contentType: registry.contentType, text: () => registry.clusterMetrics() };
}

/**
 * The primary: runs `workers` processes of this program that share its port. One that dies is replaced, but where it
 * has never listened, the start fails. Their metrics are served as one.
 */
export function createWorkers(
  { host, metricsPort, workers, shutdown }: Pick<GatewayConfig, 'host' | 'metricsPort' | 'workers' | 'shutdown'>,
  log: Logger,
): Lifecycle {
  const metrics = createMetricsPart(workersMetrics(), { host, port: metricsPort });
  const running = new Set<Worker>();
  const pauses = new Set<NodeJS.Timeout>();
  const ended = Promise.withResolvers<void>();
  const notStopped: string[] = [];
  let stopping = false;
  let pauseMs = SHORTEST_PAUSE_MS;
  /** The port of the first worker, where PORT is 0. */
  let port: string | undefined;

  /** Resolves when it listens. */
  function launch(): Promise<void> {
    const worker = cluster.fork(port ? { PORT: port } : {});
    const began = performance.now();
    const listening = Promise.withResolvers<void>();
    running.add(worker);
    worker.on('message', (message: Listening | object) => {
      if (!('listening' in message) || stopping) return;
      if (canSharePort) port = new URL(message.listening).port;
      listening.resolve();
    });
    worker.once('exit', (code, signal) => {
      running.delete(worker);
      listening.reject(new Error(`a worker ended before it listened, with ${signal ?? code}`));
      if (stopping) {
        // By the signal itself: it was not far enough to have anything to stop.
        if (code !== 0 && signal !== 'SIGTERM') notStopped.push(`worker ${worker.id}`);
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
      await metrics.start();
      log.info({ url: metrics.url, workers }, 'serving the metrics of the workers');
      try {
        if (!stopping) await launch();
        if (!stopping) await Promise.all(Array.from({ length: workers - 1 }, launch));
      } catch (error) {
        // Workers that a stop ends have not failed to start.
        if (!stopping) throw error;
      }
    },
    stop,
    notStopped,
  };
}
