import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../observability/log.ts';
import type { EventBus } from '../bus.ts';
import { consumerName, type DeadLetters } from '../dead-letters.ts';
import type { EventHandler } from '../event.ts';
import { showConsumer, WATCH_LIMITS, type WatchedConsumer, type WatchLimits, watched } from './health.ts';
import { createAttempts, type RetryOptions, withRetries } from './retries.ts';

export type { WatchedConsumer };

/** How long a stop waits, in ms, for the events at hand and for the bus to let the consumer go. */
const STOP_TIMEOUT_MS = 10_000;
/** How often, in ms, a replica looks for dead letters to replay. */
const REPLAY_EVERY_MS = 1_000;

export type ConsumerOptions = RetryOptions & { bus: EventBus; ephemeral?: boolean; limits?: WatchLimits };

/**
 * Consumes the topics that have a handler. An event whose handler fails is tried again a few times and then becomes a
 * dead letter, so that the next one is handled. Time in which the database cannot be reached does not count: such an
 * event is tried until it takes effect or the service stops. A transient failure while the database responds counts
 * towards a larger bound, so no event holds up its partition without end. Dead letters that are to be replayed go through
 * the same handlers, beside what the bus delivers.
 */
export function consumeEvents({
  bus,
  ephemeral = false,
  limits = WATCH_LIMITS,
  ...options
}: ConsumerOptions): WatchedConsumer {
  const { group, handlers, deadLetters, log, metrics, signal } = options;
  const name = consumerName(group, ephemeral);
  const topics = Object.keys(handlers);
  const attempts = createAttempts();
  const restarts = metrics.counter(
    'events_consumer_restarts_total',
    'Clients of the event bus that were given up, each for a new one.',
    ['group'],
  );
  restarts.inc({ group: name }, 0);
  const handler = withRetries({ ...options, group: name }, attempts);
  const consumer = bus.subscribe({
    topics,
    group,
    ephemeral,
    handler,
    onRestart: () => restarts.inc({ group: name }),
  });
  showConsumer(metrics, name, topics, consumer);

  const stopping = new AbortController();
  // What a replica alone consumes it misses while it is away: there is nothing to replay.
  const replays = ephemeral
    ? Promise.resolve()
    : replayUntilAborted(AbortSignal.any([signal, stopping.signal]), { group: name, handler, deadLetters, log });
  const stop = async () => {
    stopping.abort();
    await Promise.all([consumer.stop(), replays]);
  };
  return watched({ ...consumer, stop: () => inTime(stop(), log) }, { name, attempts, limits });
}

type Replaying = { group: string; handler: EventHandler; deadLetters: DeadLetters; log: Logger };

async function replayUntilAborted(signal: AbortSignal, { group, handler, deadLetters, log }: Replaying): Promise<void> {
  while (!signal.aborted) {
    try {
      await deadLetters.replay(group, async (event) => {
        signal.throwIfAborted();
        await handler(event);
      });
    } catch (error) {
      if (!signal.aborted) log.warn({ err: error, group }, 'dead letters cannot be replayed now');
    }
    await sleep(REPLAY_EVERY_MS, undefined, { signal, ref: false }).catch(() => {});
  }
}

/** A handler that hangs does not keep the rest of the service from stopping; its event comes again elsewhere. */
async function inTime(stopped: Promise<void>, log: Logger): Promise<void> {
  const done = new AbortController();
  const late = sleep(STOP_TIMEOUT_MS, 'late', { signal: done.signal }).catch(() => 'stopped');
  if ((await Promise.race([stopped, late])) === 'late') log.warn('an event at hand is left unfinished');
  done.abort();
}
