import { randomUUID } from 'node:crypto';
import { type Admin, type EachBatchPayload, Kafka, type KafkaConfig, type KafkaMessage, logLevel } from 'kafkajs';

/** How the brokers are reached. */
export type Brokers = {
  /** As EVENTS_URL takes it, of Kafka. */
  readonly eventsUrl: string;
  /** In the clear unless set. */
  readonly kafkaClient?: Pick<KafkaConfig, 'ssl' | 'sasl' | 'socketFactory'>;
};

const REQUEST_TIMEOUT_MS = 10_000;
/** How long it may take to join, or until the next batch comes. */
const IDLE_MS = 30_000;
const MAX_WAIT_MS = 100;

export const createKafka = ({ eventsUrl, kafkaClient: { sasl, ...rest } = {} }: Brokers): Kafka =>
  new Kafka({
    clientId: 'test',
    brokers: eventsUrl.replace('kafka://', '').split(','),
    requestTimeout: REQUEST_TIMEOUT_MS,
    logLevel: logLevel.NOTHING,
    ...rest,
    // A copy, because kafkajs writes into it.
    ...(sasl && { sasl: { ...sasl } }),
  });

export async function withAdmin<T>(brokers: Brokers, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = createKafka(brokers).admin();
  await admin.connect();
  try {
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

/** What is to be read of a partition: from the offset `next` to before `end`. */
type Unread = { next: number; end: number };

/**
 * Reads topics up to their ends as they are now, without leaving a consumer group behind: all messages, or only the `last`
 * of each partition. Each topic's are in the order of their partition.
 * @throws where the brokers do not respond in time
 */
export function readMessages(
  brokers: Brokers,
  topics: readonly string[],
  { last = Number.POSITIVE_INFINITY }: { last?: number } = {},
): Promise<Map<string, KafkaMessage[]>> {
  return withAdmin(brokers, async (admin) => {
    const messages = new Map<string, KafkaMessage[]>(topics.map((topic) => [topic, []]));
    const unread = new Map<string, Unread>();
    for (const topic of topics) {
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
        const range = { next: Math.max(Number(low), Number(high) - last), end: Number(high) };
        if (range.next < range.end) unread.set(`${topic}/${partition}`, range);
      }
    }
    if (unread.size === 0) return messages;
    const groupId = `test-${randomUUID()}`;
    try {
      await readUpTo(createKafka(brokers), groupId, unread, (topic, message) => messages.get(topic)?.push(message));
    } finally {
      await admin.deleteGroups([groupId]).catch(() => {});
    }
    return messages;
  });
}

async function readUpTo(
  kafka: Kafka,
  groupId: string,
  unread: Map<string, Unread>,
  take: (topic: string, message: KafkaMessage) => void,
): Promise<void> {
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: MAX_WAIT_MS, allowAutoTopicCreation: false });
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  done.catch(() => {});
  const idle = setTimeout(() => reject(new Error('the brokers did not respond in time')), IDLE_MS);
  consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));

  async function read({ batch }: EachBatchPayload): Promise<void> {
    const name = `${batch.topic}/${batch.partition}`;
    const range = unread.get(name);
    if (!range) return;
    idle.refresh();
    for (const message of batch.messages) {
      const offset = Number(message.offset);
      if (offset < range.next || offset >= range.end) continue;
      range.next = offset + 1;
      take(batch.topic, message);
    }
    if (Number(batch.lastOffset()) >= range.end - 1) unread.delete(name);
    if (unread.size === 0) resolve();
  }

  try {
    const ranges = [...unread].map(
      ([name, { next }]) => [...name.split('/'), String(next)] as [string, string, string],
    );
    await consumer.connect();
    await consumer.subscribe({ topics: [...new Set(ranges.map(([topic]) => topic))], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: read });
    for (const [topic, partition, offset] of ranges) consumer.seek({ topic, partition: Number(partition), offset });
    await done;
  } finally {
    clearTimeout(idle);
    await consumer.disconnect();
  }
}
