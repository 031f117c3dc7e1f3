import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import { testDatabases } from '@wave-connect/dev-env/test-postgres.ts';
import { waitFor } from '@wave-connect/dev-env/wait-for.ts';
import pg from 'pg';
import type { EventBus } from '../src/events/bus.ts';
import type { Event } from '../src/events/event.ts';
import { createRelay, type Relay } from '../src/events/relay.ts';
import { Metrics } from '../src/metrics.ts';
import { silent } from './support.ts';

const DEADLINE = { deadlineMs: 20_000 };

let pool: pg.Pool;
const relays: Relay[] = [];

before(async () => {
  pool = new pg.Pool({ connectionString: await (await testDatabases()).freshDatabase('outbox') });
  await pool.query(`CREATE TABLE outbox (id uuid NOT NULL DEFAULT uuidv7(), position bigserial PRIMARY KEY,
    aggregatetype text NOT NULL, aggregateid text NOT NULL, type text NOT NULL, payload jsonb NOT NULL,
    request_id text, time_created timestamptz NOT NULL DEFAULT now())`);
});
beforeEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  await pool.query('TRUNCATE outbox');
});
after(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  await pool.end();
});

/** A bus at the publishing end of which the test stands. */
function publishing(publish: (events: readonly Event[]) => Promise<void>): {
  bus: EventBus;
  metrics: Metrics;
  relay: Relay;
} {
  const bus = { publish } as EventBus;
  const metrics = new Metrics('test');
  const relay = createRelay({ pool, bus, source: '/test', log: silent, metrics });
  relays.push(relay);
  return { bus, metrics, relay };
}

const append = (key: string, number: number) =>
  pool.query(`INSERT INTO outbox (aggregatetype, aggregateid, type, payload) VALUES ('user', $1, 'topic', $2)`, [
    key,
    { number },
  ]);
const left = async () => Number((await pool.query('SELECT count(*) FROM outbox')).rows[0].count);
const isEmpty = async () => (await left()) === 0;

test('rows go out in their order, with their attributes, and leave the table', async () => {
  const seen: Event[] = [];
  const { relay } = publishing(async (events) => void seen.push(...events));
  const key = randomUUID();
  for (let number = 0; number < 250; number += 1) await append(key, number);
  relay.start();
  await waitFor('an empty outbox', isEmpty, DEADLINE);
  assert.deepEqual(
    seen.map(({ data }) => (data as { number: number }).number),
    Array.from({ length: 250 }, (_, i) => i),
  );
  const [first] = seen;
  assert.equal(first?.key, key);
  assert.equal(first?.source, '/test');
  assert.ok(seen.every((event, i) => i === 0 || BigInt(event.sequence) > BigInt(seen[i - 1]?.sequence ?? 0)));
});

test('two relays of one table do not publish one row twice or out of order', async () => {
  const seen: number[] = [];
  const publish = async (events: readonly Event[]) => {
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(...events.map(({ data }) => (data as { number: number }).number));
  };
  const both = [publishing(publish).relay, publishing(publish).relay];
  for (const relay of both) relay.start();
  for (let number = 0; number < 300; number += 1) {
    await append('one', number);
    both[number % 2]?.wake();
  }
  await waitFor('an empty outbox', isEmpty, DEADLINE);
  assert.deepEqual(
    seen,
    Array.from({ length: 300 }, (_, i) => i),
  );
});

test('rows wait for a bus that is away, and their age shows', async () => {
  let away = true;
  const seen: Event[] = [];
  const { relay, metrics } = publishing(async (events) => {
    if (away) throw new Error('no broker');
    seen.push(...events);
  });
  await append('one', 1);
  relay.start();
  const metric = async (name: string) =>
    Number(new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, 'm').exec(await metrics.registry.metrics())?.[1]);
  await waitFor('two attempts', async () => (await metric('outbox_failures_total')) >= 2, DEADLINE);
  assert.ok((await metric('outbox_oldest_age_seconds')) > 0);
  assert.equal(await left(), 1);
  away = false;
  await waitFor('an empty outbox', isEmpty, DEADLINE);
  assert.equal(seen.length, 1);
  assert.equal(await metric('outbox_oldest_age_seconds'), 0);
});

test('a relay that stops publishes what is left', async () => {
  const seen: Event[] = [];
  const { relay } = publishing(async (events) => void seen.push(...events));
  relay.start();
  await append('one', 1);
  await relay.stop();
  assert.equal(seen.length, 1);
  assert.equal(await left(), 0);
});
