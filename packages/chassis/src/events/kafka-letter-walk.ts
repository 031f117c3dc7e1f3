import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import { ConflictError, UnavailableError } from '../errors.ts';
import { fromMessage } from './cloud-event-headers.ts';
import type { DeadLetter, DeadLetterBox } from './dead-letters.ts';
import { isOutstanding, markDone, type Outstanding } from './outstanding-offsets.ts';
import { deadLetterTopic, OPERATOR_GROUP } from './topics.ts';

const SESSION_TIMEOUT_MS = 10_000;
const HEARTBEAT_MS = 3_000;
const MAX_WAIT_MS = 100;
/** How long it may take to join the group, or until the next batch comes. */
const IDLE_MS = 30_000;

/** `topic` is the one that the events belong to. */
export type LetterPartition = { topic: string; outstanding: Outstanding };

type Visit = Parameters<DeadLetterBox['walk']>[1];

/** Joins the operator's group, reads each partition up to its end as it is known, and leaves. */
export async function walkPartitions(kafka: Kafka, partitions: LetterPartition[], visit: Visit): Promise<void> {
  const consumer = kafka.consumer({
    groupId: OPERATOR_GROUP,
    sessionTimeout: SESSION_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_MS,
    maxWaitTimeInMs: MAX_WAIT_MS,
    allowAutoTopicCreation: false,
    retry: { retries: 2, initialRetryTime: 200, maxRetryTime: 1_000, restartOnFailure: async () => false },
  });
  const unread = new Map(partitions.map((each) => [nameOf(deadLetterTopic(each.topic), each.outstanding), each]));
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  ended.catch(() => {});
  const idle = setTimeout(() => reject(new UnavailableError('the event bus did not answer in time')), IDLE_MS);

  consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
  consumer.on(consumer.events.GROUP_JOIN, ({ payload: { memberAssignment } }) => {
    const isMine = ({ topic, outstanding: { partition } }: LetterPartition) =>
      memberAssignment[deadLetterTopic(topic)]?.includes(partition);
    if (![...unread.values()].every(isMine)) reject(new ConflictError('somebody else has come to the dead letters'));
  });

  async function read(payload: EachBatchPayload): Promise<void> {
    const { batch } = payload;
    const name = nameOf(batch.topic, batch);
    const partition = unread.get(name);
    if (!partition) return;
    idle.refresh();
    await withHeartbeats(payload, () => visitBatch(consumer, partition, payload, visit));
    if (Number(batch.lastOffset()) >= partition.outstanding.end - 1) unread.delete(name);
    if (unread.size === 0) resolve();
  }

  try {
    await consumer.connect();
    await consumer.subscribe({ topics: partitions.map(({ topic }) => deadLetterTopic(topic)), fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: (payload) => read(payload).catch(reject) });
    await ended;
  } finally {
    clearTimeout(idle);
    await consumer.disconnect();
  }
}

async function visitBatch(
  consumer: Consumer,
  { topic, outstanding }: LetterPartition,
  { batch }: EachBatchPayload,
  visit: Visit,
): Promise<void> {
  const places = new Map<DeadLetter, number>();
  for (const message of batch.messages) {
    const offset = Number(message.offset);
    const event = fromMessage(topic, message);
    if (isOutstanding(outstanding, offset)) places.set({ topic, id: event.id || `@${offset}`, event }, offset);
  }
  if (places.size === 0) return;
  const done = (await visit([...places.keys()])).map((letter) => places.get(letter) as number);
  if (done.length === 0) return;
  await consumer.commitOffsets([{ topic: batch.topic, partition: batch.partition, ...markDone(outstanding, done) }]);
}

async function withHeartbeats({ heartbeat }: EachBatchPayload, work: () => Promise<void>): Promise<void> {
  const timer = setInterval(() => heartbeat().catch(() => {}), HEARTBEAT_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
}

const nameOf = (topic: string, { partition }: { partition: number }) => `${topic}/${partition}`;
