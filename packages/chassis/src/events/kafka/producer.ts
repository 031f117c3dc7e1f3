import { setTimeout as sleep } from 'node:timers/promises';
import { Partitioners, type Producer, type ProducerBatch } from 'kafkajs';
import { UnavailableError } from '../../errors.ts';
import type { Logger } from '../../observability/log.ts';
import type { Publisher } from '../bus.ts';
import type { KafkaClient } from './client.ts';
import { describeKafkaFailure } from './failure.ts';

type TopicMessages = NonNullable<ProducerBatch['topicMessages']>;

/** How long the brokers may take to store a batch on all in-sync replicas. */
const STORE_TIMEOUT_MS = 10_000;
/** How long a batch may take in all, connecting included; a client that is stuck beyond it is given up. */
const SEND_TIMEOUT_MS = 20_000;
const ALL_IN_SYNC = -1;
/** Between two attempts to connect, in ms; it doubles up to the longest one. */
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 5_000;
/** How often, in ms, a publisher that is open logs in and looks for its topics again, for it may have no event to send. */
const LOOK_AGAIN_MS = 30_000;

export type KafkaProducer = {
  /** Connects in the background, and again after each failure, until the brokers know all of these topics. */
  open(topics: readonly string[]): Publisher;
  /** Resolves once all in-sync replicas have stored the messages. */
  send(topicMessages: TopicMessages): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Connects at the first use, if not opened before. A client that failed once is not used again: a new one finds its way
 * by itself, and reads the credentials again.
 */
export function createKafkaProducer(client: KafkaClient, log: Logger): KafkaProducer {
  let current: Promise<Producer> | undefined;
  let waiting: string | undefined = 'it is connecting';
  const stopping = new AbortController();
  let failed = Promise.withResolvers<void>();

  const pause = (ms: number) => sleep(ms, undefined, { signal: stopping.signal }).catch(() => {});

  async function connect(): Promise<Producer> {
    client.requireCredentials();
    const producer = client.kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    return producer;
  }

  /** Runs work with the current client, which is given up where that fails or takes too long. */
  async function attempt(work: (producer: Producer) => Promise<unknown>): Promise<void> {
    current ??= connect();
    const mine = current;
    try {
      await within(
        SEND_TIMEOUT_MS,
        mine.then((producer) => work(producer)),
      );
    } catch (error) {
      if (current === mine) current = undefined;
      void close(mine);
      const { reason } = describeKafkaFailure(error);
      const level = reason === waiting ? 'debug' : 'warn';
      log[level]({ err: error, reason }, 'the publisher is not connected and will try again');
      waiting = reason;
      failed.resolve();
      throw error;
    }
  }

  async function requireTopics(topics: readonly string[]): Promise<void> {
    const admin = client.kafka.admin();
    try {
      await admin.connect();
      await admin.fetchTopicMetadata({ topics: [...topics] });
    } finally {
      await admin.disconnect().catch(() => {});
    }
  }

  async function keepOpen(topics: readonly string[]): Promise<void> {
    for (let pauseMs = FIRST_PAUSE_MS; !stopping.signal.aborted; ) {
      failed = Promise.withResolvers();
      try {
        await attempt(() => requireTopics(topics));
        if (waiting !== undefined) log.info({ topics }, 'publishing');
        waiting = undefined;
        pauseMs = FIRST_PAUSE_MS;
        await Promise.race([failed.promise, pause(LOOK_AGAIN_MS)]);
      } catch {
        // `attempt` has told of it.
        await pause(pauseMs);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  return {
    open(topics) {
      void keepOpen(topics);
      return { waiting: () => waiting };
    },
    send: (topicMessages) =>
      attempt((producer) => producer.sendBatch({ topicMessages, acks: ALL_IN_SYNC, timeout: STORE_TIMEOUT_MS })),
    async stop() {
      stopping.abort();
      await close(current);
    },
  };
}

async function close(producer: Promise<Producer> | undefined): Promise<void> {
  await producer?.then((connected) => connected.disconnect()).catch(() => {});
}

async function within(ms: number, work: Promise<unknown>): Promise<void> {
  const done = new AbortController();
  const timeout = sleep(ms, undefined, { signal: done.signal, ref: false }).then(() => {
    throw new UnavailableError('The event bus did not respond in time.');
  });
  try {
    await Promise.race([work, timeout]);
  } finally {
    done.abort();
    timeout.catch(() => {});
  }
}
