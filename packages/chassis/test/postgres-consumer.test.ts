import assert from 'node:assert/strict';
import { afterEach, before, test } from 'node:test';
import { freePort } from '@wave-connect/dev-env/machine';
import { testDatabases } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import pg from 'pg';
import { constantSecret } from '../src/config/secret.ts';
import type { Consumer, EventBus } from '../src/events/bus.ts';
import { createPostgresBus } from '../src/events/postgres/bus.ts';
import { silent } from './support.ts';

const DEADLINE = { deadlineMs: 40_000 };
const TOPIC = 'topic';
/** Longer than two looks at the workers. */
const TWO_LOOKS_MS = 11_000;

let url: string;
const open: { consumer: Consumer; bus: EventBus }[] = [];

before(async () => {
  url = await (await testDatabases()).freshDatabase('bus');
});
afterEach(async () => {
  for (const { consumer, bus } of open.splice(0)) {
    await consumer.stop().catch(() => {});
    await bus.stop().catch(() => {});
  }
});

async function consume(busUrl: string): Promise<Consumer> {
  const topics = [{ name: TOPIC, partitions: 1, groups: ['group'] }];
  const bus = createPostgresBus(constantSecret(busUrl), { topics, clientId: 'test', log: silent });
  await bus.start();
  const consumer = bus.subscribe({ topics: [TOPIC], group: 'group', handler: async () => {} });
  open.push({ consumer, bus });
  return consumer;
}

test('a consumer that has nothing to do makes progress, until its queue is taken away', async () => {
  const consumer = await consume(url);
  await waitFor('the consumer', () => consumer.isRunning(), DEADLINE);
  const begun = performance.now();
  let longest = 0;
  await waitFor(
    'a while',
    () => {
      longest = Math.max(longest, consumer.stalledMs());
      return performance.now() - begun > TWO_LOOKS_MS;
    },
    DEADLINE,
  );
  assert.ok(longest < TWO_LOOKS_MS - 2_000, `${longest} ms`);
  assert.equal(consumer.trouble(), undefined);
  assert.equal(consumer.waiting(), undefined);

  const database = new pg.Client({ connectionString: url });
  await database.connect();
  await database.query('DROP SCHEMA events CASCADE');
  await database.end();
  await waitFor('a complaint', () => consumer.trouble() !== undefined, DEADLINE);
  assert.match(String(consumer.trouble()?.reason), /fails with 42P01/);
  assert.ok(!consumer.isRunning());
});

test('a server that responds and refuses is said, without a name', async () => {
  const missing = new URL(url);
  missing.pathname = '/missing_database';
  const consumer = await consume(missing.href);
  await waitFor('a reason', () => consumer.waiting() === 'the event queue fails with 3D000', DEADLINE);
  assert.equal(consumer.trouble(), undefined);
});

test('a server that does not respond is an outage', async () => {
  const away = new URL(url);
  away.port = String(await freePort());
  const consumer = await consume(away.href);
  await waitFor('two looks', () => consumer.stalledMs() > TWO_LOOKS_MS, DEADLINE);
  assert.equal(consumer.trouble(), undefined);
  assert.equal(consumer.waiting(), 'the event queue does not respond');
  assert.ok(!consumer.isRunning());
});
