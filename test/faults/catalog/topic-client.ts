import { randomUUID } from 'node:crypto';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { type IHeaders, Kafka, logLevel, type Message, Partitioners } from 'kafkajs';

const DEADLINE_MS = 30_000;

export type Stored = { key: Buffer | null; value: Buffer | null; headers: IHeaders };

const clientOf = (bootstrap: string) => new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING });

export async function publish(bootstrap: string, topic: string, messages: Message[]): Promise<void> {
  const producer = clientOf(bootstrap).producer({
    allowAutoTopicCreation: false,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  try {
    await producer.send({ topic, messages });
  } finally {
    await producer.disconnect();
  }
}

/** The last events of each partition of a topic, at most so many of one; read without leaving a trace. */
export async function lastEvents(bootstrap: string, topic: string, ofEach: number): Promise<Stored[]> {
  const wanted = await lastOffsets(bootstrap, topic, ofEach);
  const missing = new Set(
    wanted.flatMap(({ partition, offsets }) => offsets.map((offset) => `${partition}:${offset}`)),
  );
  if (missing.size === 0) return [];

  const found: Stored[] = [];
  const consumer = clientOf(bootstrap).consumer({ groupId: `faults-${randomUUID()}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message: { offset, key, value, headers = {} } }) => {
        if (missing.delete(`${partition}:${offset}`)) found.push({ key, value, headers });
      },
    });
    for (const { partition, offsets } of wanted) {
      if (offsets[0] !== undefined) consumer.seek({ topic, partition, offset: String(offsets[0]) });
    }
    await waitFor(`the last events of ${topic}`, () => missing.size === 0, { deadlineMs: DEADLINE_MS });
  } finally {
    await consumer.disconnect();
  }
  return found;
}

async function lastOffsets(bootstrap: string, topic: string, ofEach: number) {
  const admin = clientOf(bootstrap).admin();
  await admin.connect();
  try {
    return (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => {
      const end = Number(high);
      const begin = Math.max(Number(low), end - ofEach);
      return { partition, offsets: Array.from({ length: end - begin }, (_, index) => begin + index) };
    });
  } finally {
    await admin.disconnect();
  }
}
