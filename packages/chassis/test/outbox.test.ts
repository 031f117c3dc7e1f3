import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import { waitFor } from '@wave-connect/dev-env/waiting';
import pg from 'pg';
import type { SqlExecutor, Transaction } from '../src/database/sql.ts';
import { replay, select } from '../src/dead-letters/operations.ts';
import { type EventBus, RefusedEventError } from '../src/events/bus.ts';
import type { Event } from '../src/events/event.ts';
import { createOutbox } from '../src/events/outbox/outbox.ts';
import { createRelay, type Relay } from '../src/events/outbox/relay.ts';
import { Metrics } from '../src/observability/metrics.ts';
import { freshStore, silent } from './support.ts';

const DEADLINE = { deadlineMs: 20_000 };
const TOPICS = ['topic'];

let pool: pg.Pool;
const relays: Relay[] = [];

before(async () => {
  pool = await freshStore();
});
beforeEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  await pool.query('TRUNCATE outbox, dead_letters');
});
after(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  await pool.end();
});

/** A bus at the publishing end of which the test stands. */
function publishing(
  publish: EventBus['publish'],
  itsPool = pool,
): {
  bus: EventBus;
  metrics: Metrics;
  relay: Relay;
} {
  const bus = { publish } as EventBus;
  const metrics = new Metrics('test');
  const relay = createRelay({ pool: itsPool, bus, service: 'test', log: silent, metrics });
  relays.push(relay);
  return { bus, metrics, relay };
}

const append = (key: string, number: number) =>
  pool.query(`INSERT INTO outbox (aggregatetype, aggregateid, type, payload) VALUES ('user', $1, 'topic', $2)`, [
    key,
    { number },
  ]);
const left = async () => Number((await pool.query('SELECT count(*) FROM outbox')).rows[0].count);
const metric = async (metrics: Metrics, name: string) =>
  Number(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, 'm').exec(await metrics.registry.metrics())?.[1]);
const isEmpty = async () => (await left()) === 0;

test('rows go out in their order, with their attributes, and leave the table', async () => {
  const seen: Event[] = [];
  const { relay } = publishing(async (events) => void seen.push(...events));
  const key = randomUUID();
  for (let number = 0; number < 250; number += 1) await append(key, number);
  relay.start(TOPICS);
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
  for (const relay of both) relay.start(TOPICS);
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

describe('a row is not left to the poll where it is committed while another replica has the lock', () => {
  const ROUNDS = 3;
  /** As the relay has it. */
  const LOCK = 7_262_027;
  const OTHER = 'other replica';
  let others: pg.Pool;
  let number = 0;
  let seen: number[] = [];

  before(() => {
    others = new pg.Pool({ ...pool.options, application_name: OTHER });
  });
  beforeEach(() => {
    [number, seen] = [0, []];
  });
  after(async () => {
    await Promise.all(relays.splice(0).map((relay) => relay.stop()));
    await others.end();
  });

  const see = async (events: readonly Event[]) =>
    void seen.push(...events.map(({ data }) => (data as { number: number }).number));
  const published = (what: number) => waitFor(`row ${what}`, () => seen.includes(what), { ...DEADLINE, everyMs: 2 });

  async function appendNext(): Promise<number> {
    number += 1;
    await append('one', number);
    return number;
  }

  /** Resolves once the other replica's relay, woken for a row, has ended a transaction without publishing it. */
  async function refused(relay: Relay): Promise<void> {
    const { rows } = await pool.query('SELECT clock_timestamp() AS now');
    relay.wake();
    const ended = `SELECT FROM pg_stat_activity
                    WHERE application_name = $1 AND state = 'idle' AND query = 'COMMIT' AND query_start > $2`;
    await waitFor(
      'the lock to be refused',
      async () => (await pool.query(ended, [OTHER, rows[0].now])).rowCount === 1,
      {
        ...DEADLINE,
        everyMs: 2,
      },
    );
  }

  async function roundsTakeMs(round: () => Promise<void>): Promise<number> {
    const begin = performance.now();
    for (let left = ROUNDS; left > 0; left -= 1) await round();
    return performance.now() - begin;
  }

  /** What it takes where the relay is not woken. */
  async function pollsTakeMs(): Promise<number> {
    const { relay } = publishing(see);
    relay.start(TOPICS);
    const took = await roundsTakeMs(async () => published(await appendNext()));
    await relay.stop();
    return took;
  }

  test('and publishes its last batch', async () => {
    const byPoll = await pollsTakeMs();
    let gate = Promise.withResolvers<void>();
    let entered = Promise.withResolvers<void>();
    const holder = publishing(async (events) => {
      entered.resolve();
      await gate.promise;
      await see(events);
    }).relay;
    const other = publishing(see, others).relay;
    for (const relay of [holder, other]) relay.start(TOPICS);
    const took = await roundsTakeMs(async () => {
      gate = Promise.withResolvers();
      entered = Promise.withResolvers();
      await appendNext();
      holder.wake();
      await entered.promise;
      const late = await appendNext();
      await refused(other);
      gate.resolve();
      await published(late);
    });
    assert.ok(took < byPoll / 2, `${took} ms, ${byPoll} ms by polling`);
  });

  test('and then dies', async () => {
    const byPoll = await pollsTakeMs();
    const other = publishing(see, others).relay;
    other.start(TOPICS);
    const took = await roundsTakeMs(async () => {
      const dying = await pool.connect();
      await dying.query('SELECT pg_advisory_lock($1)', [LOCK]);
      const late = await appendNext();
      await refused(other);
      dying.release(true);
      await published(late);
    });
    assert.ok(took < byPoll / 2, `${took} ms, ${byPoll} ms by polling`);
  });
});

test('rows wait for a bus that is away, and their age shows', async () => {
  let away = true;
  const seen: Event[] = [];
  const { relay, metrics } = publishing(async (events) => {
    if (away) throw new Error('no broker');
    seen.push(...events);
  });
  await append('one', 1);
  relay.start(TOPICS);
  await waitFor('two attempts', async () => (await metric(metrics, 'outbox_failures_total')) >= 2, DEADLINE);
  assert.ok((await metric(metrics, 'outbox_oldest_age_seconds')) > 0);
  assert.equal(await left(), 1);
  away = false;
  await waitFor('an empty outbox', isEmpty, DEADLINE);
  assert.equal(seen.length, 1);
  await waitFor('no age', async () => (await metric(metrics, 'outbox_oldest_age_seconds')) === 0, DEADLINE);
});

test('a relay that stops publishes what is left', async () => {
  const seen: Event[] = [];
  const { relay } = publishing(async (events) => void seen.push(...events));
  relay.start(TOPICS);
  await append('one', 1);
  await relay.stop();
  assert.equal(seen.length, 1);
  assert.equal(await left(), 0);
});

test('how much waits and since when shows on every replica, also while one of them is stuck publishing', async () => {
  const gate = Promise.withResolvers<void>();
  const stuck = publishing(() => gate.promise);
  await append('one', 1);
  await pool.query("UPDATE outbox SET time_created = now() - interval '1 hour'");
  stuck.relay.start(TOPICS);
  const other = publishing(async () => {});
  other.relay.start(TOPICS);
  await append('one', 2);
  for (const { metrics } of [stuck, other]) {
    await waitFor('both rows', async () => (await metric(metrics, 'outbox_pending')) === 2, DEADLINE);
    const age = await metric(metrics, 'outbox_oldest_age_seconds');
    assert.ok(age >= 3_600 && age < 3_700, `${age} s`);
  }
  gate.resolve();
  await waitFor('nothing waiting', async () => (await metric(stuck.metrics, 'outbox_pending')) === 0, DEADLINE);
});

test('large rows are not read all at once', async () => {
  const sizes: number[] = [];
  const { relay } = publishing(async (events) => void sizes.push(events.length));
  const large = { avatar: 'A'.repeat(400_000) };
  for (let row = 0; row < 5; row += 1) {
    await pool.query(
      "INSERT INTO outbox (aggregatetype, aggregateid, type, payload) VALUES ('user', 'one', 'topic', $1)",
      [large],
    );
  }
  relay.start(TOPICS);
  await waitFor('an empty outbox', isEmpty, DEADLINE);
  assert.deepEqual(sizes, [2, 2, 1]);
});

test('a relay stops in time although the bus hangs, and leaves the rows and its connection', async () => {
  const own = new pg.Pool({ connectionString: pool.options.connectionString, max: 2 });
  let given: AbortSignal | undefined;
  const publish = (_events: readonly Event[], signal?: AbortSignal) => {
    given = signal;
    return new Promise<void>(() => {});
  };
  const bus = { publish } as EventBus;
  const relay = createRelay({
    pool: own,
    bus,
    service: 'test',
    log: silent,
    metrics: new Metrics('test'),
  });
  await append('one', 1);
  relay.start(TOPICS);
  await waitFor('publishing', () => given !== undefined, DEADLINE);
  const begun = performance.now();
  await relay.stop();
  await own.end();
  assert.ok(performance.now() - begun < 8_000);
  assert.ok(given?.aborted);
  assert.equal(await left(), 1);
});

test('the lock is kept for longer than the pool lets a transaction idle', async () => {
  const own = new pg.Pool({
    connectionString: pool.options.connectionString,
    idle_in_transaction_session_timeout: 100,
  });
  const gate = Promise.withResolvers<void>();
  let calls = 0;
  const publish = async () => {
    calls += 1;
    await gate.promise;
  };
  const bus = { publish } as unknown as EventBus;
  const relay = createRelay({
    pool: own,
    bus,
    service: 'test',
    log: silent,
    metrics: new Metrics('test'),
  });
  await append('one', 1);
  relay.start(TOPICS);
  await waitFor('publishing', () => calls > 0, DEADLINE);
  const idle = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND state = 'idle in transaction'";
  const idleFor = async () => (await pool.query(`${idle} AND now() - state_change > interval '300 ms'`)).rowCount === 1;
  await waitFor('an idle transaction past the limit', idleFor, DEADLINE);
  gate.resolve();
  await waitFor('an empty outbox', isEmpty, DEADLINE);
  assert.equal(calls, 1);
  await relay.stop();
  await own.end();
});

/** Transactions that note when they commit. */
function transactions(happened: string[]): Transaction<SqlExecutor> {
  return async (work) => {
    const client = await pool.connect();
    const run = (query: TemplateStringsArray, values: unknown[]) =>
      client.query(
        query.reduce((text, part, at) => `${text}$${at}${part}`),
        values,
      );
    try {
      await client.query('BEGIN');
      const result = await work({
        $executeRaw: async (query, ...values) => (await run(query, values)).rowCount ?? 0,
        $queryRaw: async <Rows>(query: TemplateStringsArray, ...values: unknown[]) =>
          (await run(query, values)).rows as Rows,
      });
      await client.query('COMMIT');
      happened.push('commit');
      return result;
    } catch (error) {
      await client.query('ROLLBACK');
      throw error;
    } finally {
      client.release();
    }
  };
}

const registered = (id: string) => ({ aggregateType: 'user', aggregateId: id, payload: { user_id: id } });

test('a transaction that appended wakes the relay once, after its commit', async () => {
  const happened: string[] = [];
  const outbox = createOutbox(() => happened.push('wake'));
  const transaction = outbox.transactions(transactions(happened), (_, table) => ({ table }));
  const [first, second] = await transaction(async ({ table }) => {
    const sequences = [];
    for (const id of [randomUUID(), randomUUID()])
      sequences.push(await table.append('user-registered', registered(id)));
    happened.push('appended');
    return sequences as [bigint, bigint];
  });
  assert.ok(BigInt(second) > BigInt(first));
  assert.equal(await left(), 2);
  assert.deepEqual(happened, ['appended', 'commit', 'wake']);
});

test('one that appended nothing, or is rolled back, does not', async () => {
  const happened: string[] = [];
  const outbox = createOutbox(() => happened.push('wake'));
  const transaction = outbox.transactions(transactions(happened), (db, table) => ({ db, table }));
  await transaction(async ({ db }) => db.$queryRaw`SELECT 1`);
  const rolledBack = transaction(async ({ table }) => {
    await table.append('user-registered', registered(randomUUID()));
    throw new Error('no');
  });
  await assert.rejects(rolledBack, /^Error: no$/);
  assert.equal(await left(), 0);
  assert.deepEqual(happened, ['commit']);
});

const letters = async () =>
  (await pool.query('SELECT consumer_group, topic, key, value, error FROM dead_letters ORDER BY position')).rows;

test('an event of a type that is no topic becomes a dead letter, and those behind it go out', async () => {
  const seen: unknown[] = [];
  const { relay } = publishing(async (events) => void seen.push(...events.map(({ data }) => data)));
  await pool.query(
    "INSERT INTO outbox (aggregatetype, aggregateid, type, payload) VALUES ('user', 'one', 'typo', '{}')",
  );
  await append('one', 2);
  relay.start(TOPICS);
  await waitFor('an empty outbox', isEmpty, DEADLINE);
  assert.deepEqual(seen, [{ number: 2 }]);
  assert.deepEqual(await letters(), [
    { consumer_group: 'test, outbox', topic: 'typo', key: 'one', value: '{}', error: 'there is no such topic' },
  ]);
});

test('so does one that the bus refuses, and put back into the outbox it is published as it was', async () => {
  const seen: Event[] = [];
  let limit = 5;
  const { relay, metrics } = publishing(async (events) => {
    const large = events.find((event) => JSON.stringify(event).length > limit);
    if (large) throw new RefusedEventError(large, 'it is too large');
    seen.push(...events);
  });
  await append('one', 1);
  const { rows: before } = await pool.query('SELECT * FROM outbox');
  relay.start(TOPICS);
  await waitFor('an empty outbox', isEmpty, DEADLINE);
  assert.equal((await letters())[0]?.error, 'it is too large');
  assert.equal(await metric(metrics, 'outbox_failures_total'), 0);
  await relay.stop();

  const [letter] = await select(pool, { groups: ['test, outbox'], topics: [], ids: [] }, 1);
  assert.ok(letter);
  await replay(pool, [letter]);
  assert.deepEqual((await pool.query('SELECT * FROM outbox')).rows, before);
  limit = 10_000;
  publishing(async (events) => void seen.push(...events)).relay.start(TOPICS);
  await waitFor('an empty outbox', isEmpty, DEADLINE);
  assert.equal(seen[0]?.sequence, before[0].position);
  assert.deepEqual(await letters(), []);
});
