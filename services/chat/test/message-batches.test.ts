import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { OverloadedError, UnavailableError } from '@wave-connect/chassis/errors';
import { toProblem } from '@wave-connect/chassis/http';
import { runInContext } from '@wave-connect/chassis/observability';
import pg from 'pg';
import { createMessageBatches, type MessageBatches } from '../src/repository/message-batches.ts';
import type { NewMessage, Stored } from '../src/repository/messages.ts';
import { eventually, type System, startSystem } from './support.ts';

const LIMITS = { maxWaiting: 1_000 };

describe('messages that come while others are being stored', () => {
  let system: System;
  let pool: pg.Pool;
  let batches: MessageBatches;
  let statements: number;
  let ada: string;
  let grace: string;

  before(async () => {
    system = await startSystem();
  });
  after(() => system.stop());
  beforeEach(() => {
    [ada, grace] = [randomUUID(), randomUUID()];
    statements = 0;
    pool = new pg.Pool({ connectionString: system.databaseUrl, max: 1 });
    const counted = {
      query(...args: Parameters<pg.Pool['query']>) {
        statements += 1;
        return Reflect.apply(pool.query, pool, args);
      },
    };
    batches = createMessageBatches(counted as unknown as pg.Pool, LIMITS);
  });
  afterEach(() => pool.end());

  const toGrace = (text: string): NewMessage => ({ text, sender: ada, receiver: grace });
  const rows = async (sql: string, ...values: unknown[]) => (await system.database.query(sql, values)).rows;
  const idOf = (stored: Stored | 'busy') => (stored === 'busy' || 'deleted' in stored ? undefined : stored.message.id);

  test('are stored with one statement, in the order in which they came', async () => {
    const texts = Array.from({ length: 50 }, (_, at) => `message ${at}`);
    const stored = await Promise.all(
      texts.map((text) => runInContext({ requestId: `request of ${text}` }, () => batches.store(toGrace(text)))),
    );
    assert.equal(statements, 2);
    const kept = await rows('SELECT id, text, time_sent FROM messages WHERE sender = $1 ORDER BY id', ada);
    assert.deepEqual(
      kept.map(({ text }) => text),
      texts,
    );
    assert.deepEqual(
      stored.map((each) => (each === 'busy' || 'deleted' in each ? each : each.message)),
      kept.map(({ id, text, time_sent }) => ({ id, text, sender: ada, receiver: grace, timeSent: time_sent })),
    );
    const events = await rows('SELECT payload, request_id FROM outbox WHERE aggregateid = $1 ORDER BY position', ada);
    assert.deepEqual(
      events.map(({ payload, request_id }) => [payload, request_id]),
      kept.map(({ id, text, time_sent }) => [
        { id, text, sender: ada, receiver: grace, time_sent: time_sent.toISOString() },
        `request of ${text}`,
      ]),
    );
  });

  test('count for both people as they do one by one', async () => {
    const responses = await Promise.all([
      batches.store(toGrace('one')),
      batches.store(toGrace('two')),
      batches.store({ text: 'three', sender: grace, receiver: ada }),
      batches.store(toGrace('four')),
    ]);
    const last = idOf(responses[3]);
    const seen = 'SELECT last_message_id, unread_count FROM conversations WHERE user_id = $1 AND peer_id = $2';
    assert.deepEqual(await rows(seen, ada, grace), [{ last_message_id: last, unread_count: 1 }]);
    assert.deepEqual(await rows(seen, grace, ada), [{ last_message_id: last, unread_count: 3 }]);
  });

  test('of an account that is gone are refused alone', async () => {
    const gone = randomUUID();
    await rows('INSERT INTO deleted_accounts (user_id) VALUES ($1)', gone);
    const [, from, to, last] = await Promise.all([
      batches.store(toGrace('one')),
      batches.store({ text: 'two', sender: gone, receiver: grace }),
      batches.store({ text: 'three', sender: ada, receiver: gone }),
      batches.store(toGrace('four')),
    ]);
    assert.deepEqual(from, { deleted: 'sender' });
    assert.deepEqual(to, { deleted: 'receiver' });
    assert.ok(idOf(last));
    assert.equal((await rows('SELECT FROM messages WHERE $1 IN (sender, receiver)', gone)).length, 0);
  });

  test('that Postgres does not take fail alone, and the others are stored once', async () => {
    const settled = await Promise.allSettled(
      ['one', 'two', 'thr\0ee', 'four'].map((text) => batches.store(toGrace(text))),
    );
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    );
    const kept = await rows('SELECT text FROM messages WHERE sender = $1 ORDER BY id', ada);
    assert.deepEqual(
      kept.map(({ text }) => text),
      ['one', 'two', 'four'],
    );
  });

  test('fail together where the database is away, and later ones do not', async () => {
    const away = createMessageBatches(
      new pg.Pool({ connectionString: 'postgres://nobody@127.0.0.1:1/nowhere' }),
      LIMITS,
    );
    const settled = await Promise.allSettled([away.store(toGrace('one')), away.store(toGrace('two'))]);
    assert.ok(settled.every(({ status }) => status === 'rejected'));
    await assert.rejects(away.store(toGrace('three')));
  });

  test('fail at once, all that wait, where the database does not respond; only those sent to it may be stored', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const connectionString = `postgres://nobody@127.0.0.1:${port}/nowhere`;
    const away = createMessageBatches(new pg.Pool({ connectionString, connectionTimeoutMillis: 300 }), LIMITS);
    const store = async (count: number) => {
      const begin = performance.now();
      const settled = await Promise.allSettled(
        Array.from({ length: count }, (_, at) => away.store(toGrace(`message ${at}`))),
      );
      const statuses = new Set(settled.map((each) => each.status === 'rejected' && toProblem(each.reason).status));
      assert.deepEqual([...statuses], [503]);
      return performance.now() - begin;
    };
    const one = await store(1);
    const many = await store(1_000);
    silent.close();
    assert.ok(many < 3 * one, `${many} ms for 1,000, ${one} ms for one`);
  });

  test('that lose their connection are unknown, those behind them have not happened', async () => {
    const held = await system.database.connect();
    await held.query('BEGIN; LOCK deleted_accounts IN ACCESS EXCLUSIVE MODE');
    const failed: unknown[] = [];
    try {
      for (let at = 0; at < 250; at += 1) batches.store(toGrace(`message ${at}`)).catch((error) => failed.push(error));
      const blocked = `SELECT pid FROM pg_stat_activity WHERE query LIKE '%store_messages%' AND wait_event_type = 'Lock'`;
      await eventually('the batch to wait', async () => (await system.database.query(blocked)).rowCount === 1);
      await system.database.query(`SELECT pg_terminate_backend(pid) FROM (${blocked}) AS stuck`);
      await eventually('all to fail', () => failed.length === 250);
    } finally {
      await held.query('ROLLBACK');
      held.release();
    }
    const [sent, ...others] = failed;
    assert.ok(sent instanceof Error && !(sent instanceof UnavailableError));
    assert.ok(others.every((reason) => reason instanceof UnavailableError));
    assert.equal((await rows('SELECT FROM messages WHERE sender = $1', ada)).length, 0);
    assert.ok(idOf(await batches.store(toGrace('afterwards'))));
  });

  test('are refused beyond the limit of those that wait', async () => {
    const few = createMessageBatches(pool, { maxWaiting: 3 });
    const settled = await Promise.allSettled(
      ['first', 'two', 'three', 'four', 'five'].map((text) => few.store(toGrace(text))),
    );
    assert.deepEqual(
      settled.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'fulfilled', 'fulfilled', 'rejected'],
    );
    assert.ok(settled[4]?.status === 'rejected' && settled[4].reason instanceof OverloadedError);
    assert.ok(idOf(await few.store(toGrace('afterwards'))));
  });

  test('wait for nobody: one whose conversation is held comes back, the others are stored', async () => {
    const held = await system.database.connect();
    try {
      await held.query('BEGIN');
      await held.query('SELECT lock_conversation($1, $2)', [ada, grace]);
      const other = { text: 'hi', sender: ada, receiver: randomUUID() };
      const [busy, free] = await Promise.all([batches.store(toGrace('hi')), batches.store(other)]);
      assert.equal(busy, 'busy');
      assert.ok(idOf(free));
    } finally {
      await held.query('COMMIT');
      held.release();
    }
    assert.ok(idOf(await batches.store(toGrace('now'))));
    assert.equal((await rows('SELECT FROM messages WHERE receiver = $1', grace)).length, 1);
  });

  test('tell of themselves as one does that waits for its lock', async () => {
    const text = 'a "text" \\ with 🌊 and\nlines';
    const one = () => rows('SELECT store_message($1, $2, $3, $4)', ada, grace, text, 'request');
    await runInContext({ requestId: 'request' }, () => batches.store(toGrace(text)));
    await one();
    const events = await rows('SELECT * FROM outbox WHERE aggregateid = $1 ORDER BY position', ada);
    const [batched, alone] = events.map(({ id, position, time_created, payload, ...event }) => {
      const { id: message, time_sent, ...data } = payload;
      assert.match(message, /^[0-9a-f-]{36}$/);
      assert.match(time_sent, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      return { ...event, data };
    });
    assert.equal(events.length, 2);
    assert.deepEqual(batched, alone);
    assert.deepEqual(batched?.data, { text, sender: ada, receiver: grace });
  });
});
