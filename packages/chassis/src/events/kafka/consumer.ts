import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EachMessagePayload, Consumer as KafkaClientConsumer } from 'kafkajs';
import type { Logger } from '../../observability/log.ts';
import type { Consumer, Subscription } from '../bus.ts';
import { fromMessage } from '../event.ts';
import { brokersRespond, type KafkaClient } from './client.ts';
import { describeKafkaFailure, type KafkaFailure } from './failure.ts';
import { createKafkaProgress, type KafkaProgress, StalledError } from './progress.ts';

/** How long the group waits for a member that was killed, and for one that is busy while the group is formed anew. */
const SESSION_TIMEOUT_MS = 10_000;
const REBALANCE_TIMEOUT_MS = 15_000;
/** Often, for that is how soon a member hears that the group is formed anew. */
const HEARTBEAT_MS = 1_000;
/** After a crash, what was handled since the last commit comes again, and the inbox deduplicates it. */
const COMMIT_MS = 1_000;
/** How long the broker may hold back a response that has nothing to tell; it bounds how late an event is seen. */
const MAX_WAIT_MS = 100;
const CONCURRENT_PARTITIONS = 3;
const REJOIN_PAUSE_MS = 1_000;
const WATCH_MS = 2_000;
const LEAVE_TIMEOUT_MS = 5_000;

/**
 * A consumer that recovers from every loss in one way: kafkajs's own restarts are off, and each crash or stall,
 * whatever its reason, ends this client and joins with a new one, which reads the credentials again. Credentials,
 * rights and topics that are not there yet are waited for.
 */
export function createKafkaConsumer(
  bus: KafkaClient,
  subscription: Subscription,
  options: { clientId: string; log: Logger },
): Consumer {
  const log = options.log.child({ group: subscription.group });
  const stopping = new AbortController();
  const progress = createKafkaProgress();

  async function consumeUntilCrash(): Promise<void> {
    bus.requireCredentials();
    const consumer = bus.kafka.consumer({
      groupId: subscription.ephemeral ? `${subscription.group}.${options.clientId}` : subscription.group,
      sessionTimeout: SESSION_TIMEOUT_MS,
      rebalanceTimeout: REBALANCE_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      maxWaitTimeInMs: MAX_WAIT_MS,
      allowAutoTopicCreation: false,
      retry: { retries: 2, initialRetryTime: 200, maxRetryTime: 1_000, restartOnFailure: async () => false },
    });
    progress.follow(consumer);
    consumer.on(consumer.events.GROUP_JOIN, () => log.info({ topics: subscription.topics }, 'consuming'));
    const client = new AbortController();
    const crash = whenCrashed(consumer, progress, client.signal);
    const consume = async () => {
      await consumer.connect();
      await consumer.subscribe({ topics: [...subscription.topics], fromBeginning: !subscription.ephemeral });
      await consumer.run({
        partitionsConsumedConcurrently: CONCURRENT_PARTITIONS,
        autoCommitInterval: COMMIT_MS,
        eachMessage: async (payload) => {
          if (client.signal.aborted) throw new Error('this client was given up');
          const { topic, partition, message } = payload;
          const event = fromMessage(topic, { ...message, place: `${partition}@${message.offset}` });
          await progress.during(() => withHeartbeats(payload, () => subscription.handler(event)));
        },
      });
      await whenAborted(stopping.signal);
    };
    try {
      await Promise.race([consume(), crash]);
    } finally {
      progress.left();
      await leave(consumer, progress);
      client.abort();
    }
  }

  /** A stall is an outage where the brokers do not respond to another client either. */
  async function judge(error: unknown): Promise<KafkaFailure> {
    if (!(error instanceof StalledError)) return describeKafkaFailure(error);
    const responds = await brokersRespond(bus);
    return responds ? { kind: 'broken', reason: 'it makes no progress' } : { kind: 'away', reason: error.message };
  }

  async function consumeUntilStopped(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await consumeUntilCrash();
      } catch (error) {
        const failure = await judge(error);
        const level = progress.failed(failure) ? 'warn' : 'debug';
        log[level]({ err: error, reason: failure.reason }, 'consumer is not in its group and will join again');
        subscription.onRestart?.();
      }
      await sleep(REJOIN_PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const done = consumeUntilStopped().catch((error) => {
    log.error({ err: error }, 'consumer has ended');
    progress.over();
  });
  return {
    waiting: progress.waiting,
    trouble: progress.trouble,
    stalledMs: progress.stalledMs,
    lag: progress.lag,
    isRunning: progress.isRunning,
    async stop() {
      stopping.abort();
      await done;
    },
  };
}

async function whenAborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, 'abort');
}

/** Rejects when the client crashes or makes no progress. */
function whenCrashed(consumer: KafkaClientConsumer, progress: KafkaProgress, signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>();
  consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  const watch = setInterval(() => {
    const stall = progress.stall();
    if (stall) reject(stall);
  }, WATCH_MS);
  signal.addEventListener('abort', () => clearInterval(watch), { once: true });
  return promise;
}

/** Waits for the events at hand, whose effects must not overlap with those of the next client, but not for a broker. */
async function leave(consumer: KafkaClientConsumer, progress: KafkaProgress): Promise<void> {
  let left = false;
  const leaving = consumer
    .disconnect()
    .catch(() => {})
    .finally(() => {
      left = true;
    });
  do {
    const waited = new AbortController();
    const timeout = sleep(LEAVE_TIMEOUT_MS, undefined, { signal: waited.signal }).catch(() => {});
    await Promise.race([leaving, timeout]);
    waited.abort();
  } while (!left && progress.isHandling());
}

/** Keeps the group membership while a handler takes its time, for example while the database is away. */
async function withHeartbeats(payload: EachMessagePayload, work: () => Promise<void>): Promise<void> {
  const timer = setInterval(() => payload.heartbeat().catch(() => {}), HEARTBEAT_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
}
