import { setTimeout as sleep } from 'node:timers/promises';
import type { CommonConfig } from '../config/common.ts';
import type { Health } from '../observability/health.ts';
import type { Logger } from '../observability/log.ts';
import type { Part } from '../part.ts';

/** What of the deadline the parts may use; the rest is for the process to end by itself. */
const SHARE_OF_PARTS = 0.9;

export type Lifecycle = {
  start(): Promise<void>;
  /** Resolves within the deadline, whatever the parts do. Further calls change nothing. */
  stop(): Promise<void>;
  /** Parts that failed to stop or were left behind. */
  readonly notStopped: readonly string[];
};

/**
 * Starts the parts one after the other; on stop says "not ready" first, leaves load balancers time to notice,
 * and stops the parts in reverse. Each gets half of the time that is left until the deadline, so one that hangs is
 * logged and left behind, and does not keep the others from their stop.
 */
export function createLifecycle(
  parts: Part[],
  options: { health: Health; log: Logger; shutdown: CommonConfig['shutdown'] },
): Lifecycle {
  const { health, log, shutdown } = options;
  const started: Part[] = [];
  const notStopped: string[] = [];
  let running = false;
  let stopped: Promise<void> | undefined;

  async function stopPart({ name, stop }: Part, limitMs: number): Promise<void> {
    try {
      await within(limitMs, stop?.(limitMs));
    } catch (error) {
      notStopped.push(name);
      log.error({ err: error, part: name }, 'did not stop cleanly');
    }
  }

  async function stopParts(): Promise<void> {
    const begin = performance.now();
    const leftMs = () => Math.max(begin + shutdown.deadlineMs * SHARE_OF_PARTS - performance.now(), 0);
    health.setPhase('stopping');
    for (const part of started) part.drain?.();
    if (running && shutdown.delayMs > 0) await sleep(shutdown.delayMs);
    for (const part of started.splice(0).reverse()) await stopPart(part, leftMs() / 2);
    log.info({ duration_ms: Math.round(performance.now() - begin) }, 'stopped');
  }

  const stop = () => {
    stopped ??= stopParts();
    return stopped;
  };

  return {
    async start() {
      for (const part of parts) {
        started.push(part);
        try {
          await part.start?.();
        } catch (error) {
          await stop();
          throw error;
        }
        if (stopped) return stopped;
      }
      running = true;
      health.setPhase('running');
    },
    stop,
    notStopped,
  };
}

/** @throws where it takes longer than `limitMs`; it then goes on unobserved */
async function within(limitMs: number, work: unknown): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`not within ${Math.round(limitMs)} ms`)), limitMs);
  try {
    await Promise.race([work, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
