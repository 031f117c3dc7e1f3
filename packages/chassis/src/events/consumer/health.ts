import type { Metrics } from '../../observability/metrics.ts';
import type { Consumer, Trouble } from '../bus.ts';
import type { Attempts } from './retries.ts';

export type WatchLimits = {
  /** Trouble that lasts for so long, in ms, calls for a new process. */
  deadAfterMs: number;
  /** How long an attempt at an event may take, in ms: longer than any limit of a statement or transaction. */
  attemptMs: number;
};

export const WATCH_LIMITS: WatchLimits = { deadAfterMs: 180_000, attemptMs: 60_000 };

/** A consumer that says whether it works, for the probes of its service. */
export type WatchedConsumer = Consumer & {
  /** Throws where it has been in trouble for so long that a new process is called for. */
  assertAlive(): void;
};

/** `name` is the `group` of its metrics. */
export function watched(
  consumer: Consumer,
  { name, attempts, limits }: { name: string; attempts: Attempts; limits: WatchLimits },
): WatchedConsumer {
  function hanging(): Trouble | undefined {
    const overMs = attempts.longestMs() - limits.attemptMs;
    return overMs > 0 ? { reason: 'a handler does not come to an end', forMs: overMs } : undefined;
  }
  const trouble = () => hanging() ?? consumer.trouble();

  return {
    ...consumer,
    waiting: () => trouble()?.reason ?? consumer.waiting(),
    trouble,
    assertAlive() {
      const found = trouble();
      if (found === undefined || found.forMs < limits.deadAfterMs) return;
      throw new Error(`${name} does not consume: ${found.reason}`);
    },
  };
}

/** Shows how the consumer is doing. */
export function showConsumer(metrics: Metrics, group: string, topics: readonly string[], consumer: Consumer): void {
  metrics.observedGauge(
    'events_consumer_running',
    'Whether the consumer is in its group and gets events.',
    () => Number(consumer.isRunning()),
    { group },
  );
  metrics.observedGauge(
    'events_consumer_stalled_seconds',
    'Time since the consumer last heard from the bus or ended an event.',
    () => consumer.stalledMs() / 1_000,
    { group },
  );
  const { lag } = consumer;
  if (lag === undefined) return;
  for (const topic of topics) {
    const help = 'Events that wait for the consumer, as of the last batch that it took.';
    metrics.observedGauge('events_consumer_lag', help, () => lag().get(topic) ?? 0, { group, topic });
  }
}
