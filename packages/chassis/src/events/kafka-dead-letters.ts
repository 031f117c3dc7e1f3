import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, Kafka } from 'kafkajs';
import type { KafkaConfig } from '../config/events.ts';
import { ConflictError } from '../errors.ts';
import type { Logger } from '../observability/log.ts';
import type { DeadLetterBox } from './dead-letters.ts';
import { createKafkaClient } from './kafka-client.ts';
import { type LetterPartition, walkPartitions } from './kafka-letter-walk.ts';
import { inBatches, toReplay } from './kafka-messages.ts';
import { createKafkaProducer } from './kafka-producer.ts';
import { outstandingOf } from './outstanding-offsets.ts';
import { deadLetterTopic, OPERATOR_GROUP } from './topics.ts';

/** Longer than the group waits for a member that was killed. */
const ALONE_DEADLINE_MS = 15_000;
const LOOK_AGAIN_MS = 500;

/** The dead letters on Kafka. What is done is what the group `operator` has committed. */
export function createKafkaDeadLetters(config: KafkaConfig, options: { clientId: string; log: Logger }): DeadLetterBox {
  const client = createKafkaClient(config, options);
  const producer = createKafkaProducer(client, options.log);
  return {
    async walk(topics, visit) {
      client.requireCredentials();
      const partitions = await findOutstanding(client.kafka, topics);
      if (partitions.length > 0) await walkPartitions(client.kafka, partitions, visit);
    },
    async publish(letters) {
      for (const batch of inBatches(letters.map(toReplay))) await producer.send(batch);
    },
    close: () => producer.stop(),
  };
}

async function findOutstanding(kafka: Kafka, topics: readonly string[]): Promise<LetterPartition[]> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    await untilAlone(admin);
    const found = await Promise.all(topics.map((topic) => outstandingOfTopic(admin, topic)));
    return found.flat().filter(({ outstanding: { next, end } }) => next < end);
  } finally {
    await admin.disconnect();
  }
}

/** Two at the letters would take partitions from each other. */
async function untilAlone(admin: Admin): Promise<void> {
  const deadline = Date.now() + ALONE_DEADLINE_MS;
  for (;;) {
    const { groups } = await admin.describeGroups([OPERATOR_GROUP]);
    if (groups.every(({ members }) => members.length === 0)) return;
    if (Date.now() > deadline) throw new ConflictError('somebody else is at the dead letters: try again after them');
    await sleep(LOOK_AGAIN_MS);
  }
}

async function outstandingOfTopic(admin: Admin, topic: string): Promise<LetterPartition[]> {
  const name = deadLetterTopic(topic);
  const partitions = await admin.fetchTopicOffsets(name);
  const [committed] = await admin.fetchOffsets({ groupId: OPERATOR_GROUP, topics: [name] });
  return partitions.map((each) => {
    const mine = committed?.partitions.find(({ partition }) => partition === each.partition);
    return { topic, outstanding: outstandingOf(mine, each) };
  });
}
