import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { testDatabases, testKafka, testKafkaUnavailable } from '@wave-connect/dev-env/testing';
import { Kafka, logLevel } from 'kafkajs';
import type pg from 'pg';
import { PgBoss } from 'pg-boss';
import { type EventsConfig, readEventsConfig } from '../src/config/events.ts';
import { importDeadLetters } from '../src/dead-letters/import.ts';
import { discard, select } from '../src/dead-letters/operations.ts';
import { type Event, toMessage } from '../src/events/event.ts';
import { anEvent, freshStore } from './support.ts';

type Old = { event: Event; group: string };

const TOPIC = 'user-deleted';
const ERROR = 'Error: not today';

let store: pg.Pool;
before(async () => {
  store = await freshStore();
});
after(() => store.end());

/** Leaves dead letters as releases did that kept them on topics of their own. */
const BUSES: { bus: string; skip: string | false; leave: (letters: Old[]) => Promise<EventsConfig> }[] = [
  {
    bus: 'Postgres',
    skip: false,
    async leave(letters) {
      const url = await (await testDatabases()).freshDatabase('bus');
      const boss = new PgBoss({ connectionString: url, schema: 'events' });
      await boss.start();
      await boss.createQueue(`${TOPIC}.dlq/operator`, { policy: 'key_strict_fifo' });
      for (const { event, group } of letters) {
        const job = { event: { ...event, deadLetter: { group, error: ERROR, attempts: 5 } } };
        await boss.send(`${TOPIC}.dlq/operator`, job, { singletonKey: event.key });
      }
      await boss.stop({ graceful: false });
      return readEventsConfig({ EVENTS_URL: url });
    },
  },
  {
    bus: 'Kafka',
    skip: testKafkaUnavailable() ?? false,
    async leave(letters) {
      const { url, bootstrap, createTopics } = await testKafka();
      await createTopics([{ name: `${TOPIC}.dlq`, partitions: 1 }]);
      const producer = new Kafka({ brokers: [bootstrap], logLevel: logLevel.NOTHING }).producer();
      await producer.connect();
      for (const { event, group } of letters) {
        const { key, value, headers } = toMessage(event);
        const reason = { dlq_group: group, dlq_error: ERROR, dlq_attempts: '5' };
        await producer.send({
          topic: `${TOPIC}.dlq`,
          messages: [{ key, value, headers: { ...headers, ...reason } }],
        });
      }
      await producer.disconnect();
      return readEventsConfig({ EVENTS_URL: url });
    },
  },
];

for (const { bus, skip, leave } of BUSES) {
  test(`from ${bus}, a service takes over what it gave up itself and has not handled since, once`, {
    skip,
  }, async () => {
    const key = randomUUID();
    const [first, second, handled, others] = Array.from({ length: 4 }, () => anEvent(TOPIC, { key })) as [
      Event,
      Event,
      Event,
      Event,
    ];
    await store.query('INSERT INTO processed_events (event_id, event_type) VALUES ($1, $2)', [handled.id, TOPIC]);
    const config = await leave([
      { event: first, group: 'profile' },
      { event: others, group: 'feed' },
      { event: handled, group: 'profile' },
      { event: second, group: 'profile' },
    ]);
    const letters = async () =>
      (await select(store, { groups: [], topics: [TOPIC], ids: [] }, 100)).filter((letter) => letter.key === key);

    assert.ok((await importDeadLetters(store, 'profile', config)) >= 2);
    const [one, two, ...rest] = await letters();
    assert.deepEqual([one?.id, two?.id, rest], [first.id, second.id, []]);
    assert.deepEqual(
      { group: one?.group, topic: one?.topic, value: one?.value, error: one?.error, attempts: one?.attempts },
      { group: 'profile', topic: TOPIC, value: JSON.stringify(first.data), error: ERROR, attempts: 5 },
    );
    assert.deepEqual(one?.headers, toMessage(first).headers);
    assert.ok(one?.place);

    assert.ok(one);
    await discard(store, [one]);
    assert.equal(await importDeadLetters(store, 'profile', config), 0);
    assert.deepEqual(
      (await letters()).map(({ id }) => id),
      [second.id],
    );
  });
}
