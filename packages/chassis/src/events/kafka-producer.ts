import { setTimeout as sleep } from 'node:timers/promises';
import { type Kafka, Partitioners, type Producer, type ProducerBatch } from 'kafkajs';
import { UnavailableError } from '../errors.ts';

type TopicMessages = NonNullable<ProducerBatch['topicMessages']>;

/** How long the brokers may take to store a batch on all in-sync replicas. */
const STORE_TIMEOUT_MS = 10_000;
/** How long a batch may take in all, connecting included; a client that is stuck beyond it is given up. */
const SEND_TIMEOUT_MS = 20_000;
const ALL_IN_SYNC = -1;

export type KafkaProducer = {
  /** Resolves once all in-sync replicas have stored the messages. */
  send(topicMessages: TopicMessages): Promise<void>;
  stop(): Promise<void>;
};

/** Connects at the first use. A client that failed once is not used again: a new one finds its way by itself. */
export function createKafkaProducer(kafka: Kafka): KafkaProducer {
  let current: Promise<Producer> | undefined;

  async function connect(): Promise<Producer> {
    const producer = kafka.producer({
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
    });
    await producer.connect();
    return producer;
  }

  async function sendWith(producer: Promise<Producer>, topicMessages: TopicMessages): Promise<void> {
    await (await producer).sendBatch({ topicMessages, acks: ALL_IN_SYNC, timeout: STORE_TIMEOUT_MS });
  }

  return {
    async send(topicMessages) {
      current ??= connect();
      const mine = current;
      try {
        await within(SEND_TIMEOUT_MS, sendWith(mine, topicMessages));
      } catch (error) {
        if (current === mine) current = undefined;
        void close(mine);
        throw error;
      }
    },
    async stop() {
      await close(current);
    },
  };
}

async function close(producer: Promise<Producer> | undefined): Promise<void> {
  await producer?.then((connected) => connected.disconnect()).catch(() => {});
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  const done = new AbortController();
  const timeout = sleep(ms, undefined, { signal: done.signal, ref: false }).then(() => {
    throw new UnavailableError('The event bus did not answer in time.');
  });
  try {
    await Promise.race([work, timeout]);
  } finally {
    done.abort();
    timeout.catch(() => {});
  }
}
