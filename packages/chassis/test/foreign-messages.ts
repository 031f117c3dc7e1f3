import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { testKafka } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { Kafka, logLevel, type Message } from 'kafkajs';
import type pg from 'pg';
import { type KafkaConfig, readEventsConfig } from '../src/config/events.ts';
import { replay, select } from '../src/dead-letters/operations.ts';
import type { EventBus, RefusedEventError } from '../src/events/bus.ts';
import { consumeEvents } from '../src/events/consumer/consumer.ts';
import { createDeadLetters } from '../src/events/dead-letters.ts';
import type { Event } from '../src/events/event.ts';
import { createKafkaBus } from '../src/events/kafka/bus.ts';
import { Metrics } from '../src/observability/metrics.ts';
import { anEvent, freshStore, silent } from './support.ts';

const DEADLINE = { deadlineMs: 60_000 };

const FOREIGN: {
  what: string;
  message: Message;
  letter: { id: RegExp; value: string | null; data: unknown; replayed?: Partial<Event> };
}[] = [
  {
    what: 'malformed JSON without key and headers',
    message: { key: null, value: '{"user_id": 1.0,\n "broken' },
    letter: { id: /^0@0$/, value: '{"user_id": 1.0,\n "broken', data: '{"user_id": 1.0,\n "broken' },
  },
  {
    what: 'bytes that are no text',
    message: { key: Buffer.from([0xff, 0x00]), value: Buffer.from([0xfe, 0xff, 0x00, 0x80]), headers: { ce_id: 'b' } },
    letter: {
      id: /^b$/,
      value: '\ufffd\ufffd\ufffd\ufffd',
      data: '\ufffd\ufffd\0\ufffd',
      replayed: { key: '\ufffd\ufffd', data: '\ufffd\ufffd\ufffd\ufffd' },
    },
  },
  {
    what: 'JSON in a writing of its own, and headers that no reader here knows',
    message: { key: 'k', value: '{ "a": 1.0, "a": 12345678901234567890 }', headers: { ce_id: 'c', other: ['x', 'y'] } },
    letter: { id: /^c$/, value: '{ "a": 1.0, "a": 12345678901234567890 }', data: { a: 12345678901234567000 } },
  },
  { what: 'no value', message: { key: 'k', value: null }, letter: { id: /^0@0$/, value: null, data: '' } },
];

/** What only Kafka can hold: messages of producers that are not this system's. It needs a `describe` of its own. */
export function foreignMessages(): void {
  let kafka: Kafka;
  let bus: EventBus;
  let store: pg.Pool;
  let createTopics: Awaited<ReturnType<typeof testKafka>>['createTopics'];

  before(async () => {
    const { url, bootstrap, ...broker } = await testKafka();
    createTopics = broker.createTopics;
    kafka = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING });
    bus = createKafkaBus(readEventsConfig({ EVENTS_URL: url }) as KafkaConfig, { clientId: randomUUID(), log: silent });
    store = await freshStore();
  });

  after(async () => {
    await bus.stop();
    await store.end();
  });

  for (const { what, message, letter } of FOREIGN) {
    test(`${what}: it becomes a dead letter, and replayed it is the event that it was`, async () => {
      const topic = `topic-${randomUUID()}`;
      await createTopics([{ name: topic, partitions: 1 }]);
      const attempts: Event[] = [];
      const consumer = consumeEvents({
        bus,
        group: `group-${topic}`,
        handlers: {
          [topic]: async (event) => {
            attempts.push(event);
            if (attempts.length <= 5) throw new Error(`what is ${event.data}?`);
          },
        },
        deadLetters: createDeadLetters(store),
        log: silent,
        metrics: new Metrics('test'),
        signal: new AbortController().signal,
        databaseResponds: async () => true,
      });
      await send(kafka, topic, message);
      const selection = { groups: [], topics: [topic], ids: [] };
      await waitFor('the letter', async () => (await select(store, selection, 1)).length === 1, DEADLINE);
      const letters = await select(store, selection, 1);
      assert.match(letters[0]?.id ?? '', letter.id);
      assert.equal(letters[0]?.place, '0@0');
      assert.equal(letters[0]?.value, letter.value);
      assert.deepEqual(
        (await replay(store, letters)).map(({ outcome }) => outcome),
        ['replayed'],
      );
      assert.equal(attempts.length, 6);
      assert.deepEqual(attempts[0]?.data, letter.data);
      assert.deepEqual(attempts[5], { ...attempts[0], ...letter.replayed });
      await consumer.stop();
    });
  }

  test('an event that is too large for the brokers is refused by its name, and those before it are stored', async () => {
    const topic = `topic-${randomUUID()}`;
    await createTopics([{ name: topic, partitions: 1, config: { 'max.message.bytes': '20000' } }]);
    const [small, large] = [anEvent(topic), anEvent(topic, { data: { avatar: 'A'.repeat(30_000) } })];
    await assert.rejects(bus.publish([small, large]), (error: RefusedEventError) => error.event === large);
    await bus.publish([anEvent(topic)]);
  });
}

async function send(kafka: Kafka, topic: string, message: Message): Promise<void> {
  const producer = kafka.producer();
  await producer.connect();
  await producer.send({ topic, messages: [message] });
  await producer.disconnect();
}
