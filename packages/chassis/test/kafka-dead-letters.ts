import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { testKafka } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { Kafka, type KafkaMessage, logLevel, type Message } from 'kafkajs';
import { type KafkaConfig, readEventsConfig } from '../src/config/events.ts';
import type { EventBus } from '../src/events/bus.ts';
import { type DeadLetterBox, listDeadLetters, replayDeadLetters } from '../src/events/dead-letters.ts';
import { createKafkaBus } from '../src/events/kafka-bus.ts';
import { createKafkaDeadLetters } from '../src/events/kafka-dead-letters.ts';
import { deadLetterTopic } from '../src/events/topics.ts';
import { silent } from './support.ts';

const DEADLINE = { deadlineMs: 60_000 };
const REASON = { group: 'first', error: 'Error: not today', attempts: 5 };

const FOREIGN: { what: string; message: Message; letter: { id: RegExp; data: unknown } }[] = [
  {
    what: 'malformed JSON without key and headers',
    message: { key: null, value: '{"user_id": 1.0,\n "broken' },
    letter: { id: /^@\d+$/, data: '{"user_id": 1.0,\n "broken' },
  },
  {
    what: 'bytes that are no text',
    message: { key: Buffer.from([0xff, 0x00]), value: Buffer.from([0xfe, 0xff, 0x00, 0x80]), headers: { ce_id: 'b' } },
    letter: { id: /^b$/, data: '\ufffd\ufffd\0\ufffd' },
  },
  {
    what: 'JSON in a writing of its own, and headers that nobody here knows',
    message: { key: 'k', value: '{ "a": 1.0, "a": 12345678901234567890 }', headers: { ce_id: 'c', other: ['x', 'y'] } },
    letter: { id: /^c$/, data: { a: 12345678901234567000 } },
  },
  { what: 'no value', message: { key: 'k', value: null }, letter: { id: /^@\d+$/, data: '' } },
];

/** What only Kafka can hold: messages that nobody of this house has sent. It needs a `describe` of its own. */
export function foreignDeadLetters(): void {
  let kafka: Kafka;
  let bus: EventBus;
  let box: DeadLetterBox;
  let createTopics: Awaited<ReturnType<typeof testKafka>>['createTopics'];
  const endings: (() => Promise<void>)[] = [];

  before(async () => {
    const { url, bootstrap, ...broker } = await testKafka();
    createTopics = broker.createTopics;
    kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING });
    const config = readEventsConfig({ EVENTS_URL: url }) as KafkaConfig;
    bus = createKafkaBus(config, { clientId: randomUUID(), log: silent });
    box = createKafkaDeadLetters(config, { clientId: randomUUID(), log: silent });
    endings.push(() => bus.stop(), box.close);
  });

  after(() => Promise.all(endings.map((end) => end())));

  for (const { what, message, letter } of FOREIGN) {
    test(`replayed on Kafka, ${what} comes byte for byte as it came`, async () => {
      const topic = `topic-${randomUUID()}`;
      await createTopics([
        { name: topic, partitions: 1 },
        { name: deadLetterTopic(topic), partitions: 1 },
      ]);
      const handler = bus.subscribe({
        topics: [topic],
        group: `first-${topic}`,
        handler: (event) => bus.publishDeadLetter(event, REASON),
      });
      await waitFor('the group', () => handler.isRunning(), DEADLINE);
      const seen = await readAll(kafka, topic, endings);
      await send(kafka, topic, message);
      const selection = { topics: [topic], ids: [], limit: 10, withData: true };
      await waitFor('the letter', async () => (await listDeadLetters(box, selection)).outstanding === 1, DEADLINE);
      await handler.stop();
      const { letters } = await replayDeadLetters(box, selection);
      assert.match(letters[0]?.id ?? '', letter.id);
      assert.deepEqual(letters[0]?.event.data, letter.data);
      await waitFor('both', () => seen.length === 2, DEADLINE);
      const [came, again] = seen.map(({ key, value, headers }) => ({ key, value, headers }));
      assert.deepEqual(again, came);
    });
  }
}

async function send(kafka: Kafka, topic: string, message: Message): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic, messages: [message] });
  await producer.disconnect();
}

/** The messages of that topic, as they come. */
async function readAll(kafka: Kafka, topic: string, endings: (() => Promise<void>)[]): Promise<KafkaMessage[]> {
  const messages: KafkaMessage[] = [];
  const consumer = kafka.consumer({ groupId: randomUUID() });
  endings.push(() => consumer.disconnect());
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  await consumer.run({ eachMessage: async ({ message }) => void messages.push(message) });
  return messages;
}
