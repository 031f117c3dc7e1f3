import { setTimeout as sleep } from 'node:timers/promises';
import type { CommonConfig } from '../config/common.ts';
import type { Health } from '../health.ts';
import type { Logger } from '../log.ts';

/** Something that is started and stopped with the service. Parts stop in the reverse of the order given. */
export type Part = { name: string; start?: () => unknown; stop?: () => unknown };

export type Lifecycle = { start(): Promise<void>; stop(): Promise<void> };

/**
 * Starts the parts one after the other; on stop says "not ready" first, leaves load balancers time to notice,
 * and stops the parts in reverse. A part that fails to stop is logged and does not keep the others from it.
 */
export function createLifecycle(
  parts: Part[],
  options: { health: Health; log: Logger; shutdown: CommonConfig['shutdown'] },
): Lifecycle {
  const { health, log, shutdown } = options;
  const started: Part[] = [];
  let stopped: Promise<void> | undefined;

  async function stopParts(): Promise<void> {
    health.setPhase('stopping');
    if (shutdown.delayMs > 0) await sleep(shutdown.delayMs);
    for (const part of started.splice(0).reverse()) {
      try {
        await part.stop?.();
      } catch (error) {
        log.error({ err: error, part: part.name }, 'did not stop cleanly');
      }
    }
    log.info('stopped');
  }

  return {
    async start() {
      for (const part of parts) {
        started.push(part);
        try {
          await part.start?.();
        } catch (error) {
          await stopParts();
          throw error;
        }
      }
      health.setPhase('running');
    },
    stop() {
      stopped ??= stopParts();
      return stopped;
    },
  };
}
