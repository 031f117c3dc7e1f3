import { setTimeout as sleep } from 'node:timers/promises';
import type { EachMessagePayload, Kafka, Consumer as KafkaClientConsumer } from 'kafkajs';
import type { Logger } from '../log.ts';
import type { Consumer, Subscription } from './bus.ts';
import { fromMessage } from './cloud-event-headers.ts';

/** How long the group waits for a member that was killed. */
const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 3_000;
/** How long the broker may hold back an answer that has nothing to tell; it bounds how late an event is seen. */
const MAX_WAIT_MS = 100;
const CONCURRENT_PARTITIONS = 3;
const REJOIN_PAUSE_MS = 1_000;
/** A consumer that believes itself in its group but has had no heartbeat for so long is stuck. */
const STALL_MS = 120_000;

/**
 * A consumer that recovers from every loss in one way: kafkajs's own restarts are off, and each crash, whatever
 * its reason, ends this client and joins with a new one. Topics that do not exist yet are waited for.
 */
export function createKafkaConsumer(
  kafka: Kafka,
  subscription: Subscription,
  options: { clientId: string; log: Logger },
): Consumer {
  const log = options.log.child({ group: subscription.group });
  const stopping = new AbortController();
  let running = false;
  let lastHeartbeat = Date.now();

  async function consumeUntilCrash(): Promise<void> {
    const consumer = kafka.consumer({
      groupId: subscription.ephemeral ? `${subscription.group}.${options.clientId}` : subscription.group,
      sessionTimeout: SESSION_TIMEOUT_MS,
      heartbeatInterval: HEARTBEAT_MS,
      maxWaitTimeInMs: MAX_WAIT_MS,
      allowAutoTopicCreation: false,
      retry: { retries: 2, initialRetryTime: 200, maxRetryTime: 1_000, restartOnFailure: async () => false },
    });
    consumer.on(consumer.events.HEARTBEAT, () => {
      lastHeartbeat = Date.now();
    });
    consumer.on(consumer.events.GROUP_JOIN, () => {
      lastHeartbeat = Date.now();
      running = true;
      log.info({ topics: subscription.topics }, 'consuming');
    });
    const ended = whenEnded(consumer, stopping.signal);
    try {
      await consumer.connect();
      await consumer.subscribe({ topics: [...subscription.topics], fromBeginning: !subscription.ephemeral });
      await consumer.run({
        partitionsConsumedConcurrently: CONCURRENT_PARTITIONS,
        eachMessage: (payload) =>
          withHeartbeats(payload, () => subscription.handler(fromMessage(payload.topic, payload.message))),
      });
      await ended;
    } finally {
      running = false;
      await consumer.disconnect().catch(() => {});
    }
  }

  async function consumeUntilStopped(): Promise<void> {
    while (!stopping.signal.aborted) {
      await consumeUntilCrash().catch((error) =>
        log.warn({ err: error }, 'consumer lost its group and will join again'),
      );
      await sleep(REJOIN_PAUSE_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const done = consumeUntilStopped();
  return {
    isRunning: () => running,
    assertAlive() {
      if (running && Date.now() - lastHeartbeat > STALL_MS)
        throw new Error(`group ${subscription.group} makes no progress`);
    },
    async stop() {
      stopping.abort();
      await done;
    },
  };
}

/** Resolves when the service stops, rejects when the client crashes. */
function whenEnded(consumer: KafkaClientConsumer, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => {});
  consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  if (signal.aborted) resolve();
  signal.addEventListener('abort', () => resolve(), { once: true });
  return promise;
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
