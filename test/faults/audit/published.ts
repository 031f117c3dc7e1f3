import { randomUUID } from 'node:crypto';
import { type Event, fromMessage, TOPICS } from '@wave-connect/chassis/events';
import type { Admin, EachBatchPayload, Kafka } from 'kafkajs';
import type { Target } from '../load/target.ts';
import { auditorsKafka, withAdmin } from './kafka.ts';

/** All that was ever published: by topic, in the order of each partition, with what was published twice. */
export type Published = Map<string, Event[]>;

/** How long it may take to join, or until the next batch comes. */
const IDLE_MS = 30_000;
const MAX_WAIT_MS = 100;

/** Poison that a test has put there on purpose, and that nobody is to make sense of. */
const isPoison = (value: Buffer | null, key: Buffer | null) => `${value}${key}`.includes('poison');

/**
 * Reads every topic from its beginning to its end as it is now. Poison is left out.
 * @throws where the brokers do not answer in time
 */
export async function readPublished(target: Pick<Target, 'eventsUrl' | 'kafkaClient'>): Promise<Published> {
  const kafka = auditorsKafka(target);
  const published: Published = new Map(TOPICS.map(({ name }) => [name, []]));
  await withAdmin(kafka, async (admin) => {
    const ends = await readEnds(admin);
    if (ends.size === 0) return;
    const groupId = `audit-${randomUUID()}`;
    try {
      await readUpTo(kafka, groupId, ends, ({ batch }) => {
        for (const message of batch.messages) {
          if (isPoison(message.value, message.key)) continue;
          published.get(batch.topic)?.push(fromMessage(batch.topic, message));
        }
      });
    } finally {
      await admin.deleteGroups([groupId]).catch(() => {});
    }
  });
  return published;
}

type Ends = Map<string, number>;

const nameOf = (topic: string, partition: number) => `${topic}/${partition}`;

/** Of the partitions that hold something. */
async function readEnds(admin: Admin): Promise<Ends> {
  const ends: Ends = new Map();
  for (const { name } of TOPICS) {
    for (const { partition, low, high } of await admin.fetchTopicOffsets(name)) {
      if (Number(high) > Number(low)) ends.set(nameOf(name, partition), Number(high));
    }
  }
  return ends;
}

async function readUpTo(
  kafka: Kafka,
  groupId: string,
  unread: Ends,
  take: (payload: EachBatchPayload) => void,
): Promise<void> {
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: MAX_WAIT_MS, allowAutoTopicCreation: false });
  const { promise: done, resolve, reject } = Promise.withResolvers<void>();
  done.catch(() => {});
  const idle = setTimeout(() => reject(new Error('the brokers did not answer in time')), IDLE_MS);
  consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));

  async function read(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const name = nameOf(batch.topic, batch.partition);
    const end = unread.get(name);
    if (end === undefined) return;
    idle.refresh();
    take(payload);
    if (Number(batch.lastOffset()) >= end - 1) unread.delete(name);
    if (unread.size === 0) resolve();
  }

  try {
    await consumer.connect();
    await consumer.subscribe({ topics: TOPICS.map(({ name }) => name), fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: read });
    await done;
  } finally {
    clearTimeout(idle);
    await consumer.disconnect();
  }
}
