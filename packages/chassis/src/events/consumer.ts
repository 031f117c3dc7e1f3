import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../observability/log.ts';
import { createAttempts } from './attempts.ts';
import type { Consumer } from './bus.ts';
import { showConsumer, WATCH_LIMITS, type WatchedConsumer, type WatchLimits, watched } from './consumer-watch.ts';
import { type RetryOptions, withRetries } from './retries.ts';

export type { WatchedConsumer };

/** How long a stop waits, in ms, for the events at hand and for the bus to let the consumer go. */
const STOP_TIMEOUT_MS = 10_000;

export type ConsumerOptions = RetryOptions & { ephemeral?: boolean; limits?: WatchLimits };

/** Tells the consumers of one service apart, in checks and metrics. */
export const consumerName = (group: string, ephemeral: boolean): string =>
  ephemeral ? `${group}, this replica` : group;

/**
 * Consumes the topics that have a handler. An event whose handler fails is tried again a few times and then put
 * aside as a dead letter, so that the next one is handled. Time in which the database cannot be reached does
 * not count: such an event is tried until it takes effect or the service stops. A failure that should pass by
 * itself but happens while the database answers counts towards a larger bound, so no event holds its partition
 * for ever.
 */
export function consumeEvents({
  ephemeral = false,
  limits = WATCH_LIMITS,
  ...options
}: ConsumerOptions): WatchedConsumer {
  const { bus, group, handlers, log, metrics } = options;
  const name = consumerName(group, ephemeral);
  const topics = Object.keys(handlers);
  const attempts = createAttempts();
  const restarts = metrics.counter(
    'events_consumer_restarts_total',
    'Clients of the event bus that were given up, each for a new one.',
    ['group'],
  );
  restarts.inc({ group: name }, 0);
  const consumer = bus.subscribe({
    topics,
    group,
    ephemeral,
    handler: withRetries(options, attempts),
    onRestart: () => restarts.inc({ group: name }),
  });
  showConsumer(metrics, name, topics, consumer);
  return watched({ ...consumer, stop: () => stopInTime(consumer, log) }, { name, attempts, limits });
}

/** A handler that hangs does not keep the rest of the service from stopping; its event comes again elsewhere. */
async function stopInTime(consumer: Consumer, log: Logger): Promise<void> {
  const stopped = new AbortController();
  const late = sleep(STOP_TIMEOUT_MS, 'late', { signal: stopped.signal }).catch(() => 'stopped');
  if ((await Promise.race([consumer.stop(), late])) === 'late') log.warn('an event at hand is left unfinished');
  stopped.abort();
}
