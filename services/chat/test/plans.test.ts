import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { createOutbox } from '@wave-connect/chassis/events';
import pg from 'pg';
import { createStore, type Store } from '../src/repository/store.ts';
import { type System, startSystem } from './support.ts';

const MESSAGES = 100_000;
const CONVERSATIONS = 2_000;

type Plan = { 'Node Type': string; 'Relation Name'?: string; 'Actual Rows'?: number; Plans?: Plan[] };

describe(`with ${MESSAGES} messages, half of them in ${CONVERSATIONS} conversations of one person`, () => {
  const ada = '00000000-0000-7000-8000-000000000000';
  const grace = '00000000-0000-7000-8000-000000000001';
  let system: System;
  let pool: pg.Pool;
  let store: Store;
  const plans: Plan[] = [];

  before(async () => {
    system = await startSystem();
    await fill(system.database, ada);
    pool = new pg.Pool({ connectionString: system.databaseUrl, max: 1 });
    pool.on('connect', (client) => {
      client.on('notice', ({ message = '' }) => {
        const plan = /^duration: .*plan:\s*(\{.*\})$/s.exec(message)?.[1];
        if (plan) plans.push(JSON.parse(plan).Plan);
      });
    });
    await pool.query(`LOAD 'auto_explain'`);
    for (const setting of [
      'auto_explain.log_min_duration = 0',
      'auto_explain.log_nested_statements = on',
      'auto_explain.log_analyze = on',
      'auto_explain.log_format = json',
      'client_min_messages = log',
    ]) {
      await pool.query(`SET ${setting}`);
    }
    store = createStore(
      pool,
      createOutbox(() => {}),
      { maxWaiting: 1 },
    );
  });
  after(async () => {
    await pool.end();
    await system.stop();
  });

  /** The plans by which Postgres did the work. */
  async function planned(work: () => Promise<unknown>): Promise<Plan[]> {
    plans.length = 0;
    await work();
    const steps = plans.flatMap(flatten);
    assert.ok(steps.length > 0, 'Postgres has told no plan');
    return steps;
  }

  const earlier = '01a10000-bf68-7000-8000-000000000000';
  const lists: [string, (store: Store) => Promise<unknown[]>][] = [
    ['the first page of conversations', ({ conversations }) => conversations.list(ada, undefined, 21)],
    ['a later page of conversations', ({ conversations }) => conversations.list(ada, earlier, 21)],
    ['the first page of a history', ({ messages }) => messages.listNewest(ada, grace, undefined, 21)],
    ['the same page for the other person', ({ messages }) => messages.listNewest(grace, ada, undefined, 21)],
    ['a later page of a history', ({ messages }) => messages.listNewest(ada, grace, earlier, 21)],
    ['what came after a message', ({ messages }) => messages.listOldest(ada, grace, ada, 21)],
    ['a history without messages', ({ messages }) => messages.listNewest(ada, randomUUID(), undefined, 21)],
  ];
  for (const [what, list] of lists) {
    test(`${what} is read by an index, without a sort and with no more rows than it shows`, async () => {
      let rows: unknown[] = [];
      const steps = await planned(async () => {
        rows = await list(store);
      });
      assert.equal(rows.length, what.includes('without') ? 0 : 21);
      for (const step of steps) {
        if (step['Relation Name'] === 'erasures') continue;
        assert.doesNotMatch(step['Node Type'], /Seq Scan|Sort|Bitmap/);
        assert.ok((step['Actual Rows'] ?? 0) <= 21, JSON.stringify(step));
      }
    });
  }

  const changes: [string, (store: Store) => Promise<unknown>][] = [
    ['storing a message', ({ messages }) => messages.store({ text: 'hi', sender: ada, receiver: grace })],
    ['storing messages together', ({ storeMessage }) => storeMessage({ text: 'hi', sender: ada, receiver: grace })],
    ['marking as read', ({ conversations }) => conversations.markRead(ada, grace)],
    [
      'forgetting a deleted message',
      async ({ conversations, messages }) => {
        const [last] = await messages.listNewest(ada, grace, undefined, 1);
        assert.ok(last);
        await conversations.forget(last);
      },
    ],
    ['erasing some of what a person left', ({ people }) => people.eraseBatch(ada, 10)],
  ];
  for (const [what, change] of changes) {
    test(`${what} scans no table from end to end`, async () => {
      for (const step of await planned(() => change(store))) {
        if (['deleted_accounts', 'erasures'].includes(step['Relation Name'] ?? '')) continue;
        assert.doesNotMatch(step['Node Type'], /Seq Scan/, JSON.stringify(step));
      }
    });
  }
});

const flatten = (plan: Plan): Plan[] => [plan, ...(plan.Plans ?? []).flatMap(flatten)];

/** First one person and many others write to one another in turns, then all others among themselves. */
async function fill(database: pg.Pool, person: string): Promise<void> {
  await database.query(`
    CREATE FUNCTION numbered_id(n bigint) RETURNS uuid IMMUTABLE LANGUAGE sql
    RETURN ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid`);
  await database.query(
    `INSERT INTO messages (id, text, sender, receiver)
     SELECT ('01a1' || lpad(to_hex(n), 8, '0') || '70008000000000000000')::uuid, 'message ' || n,
            CASE WHEN n % 2 = 0 THEN peer ELSE other END, CASE WHEN n % 2 = 0 THEN other ELSE peer END
       FROM generate_series(1, ${MESSAGES}) AS n,
            LATERAL (SELECT numbered_id(1 + n / 2 % ${CONVERSATIONS}) AS peer) AS peers,
            LATERAL (SELECT CASE WHEN n <= ${MESSAGES / 2} THEN $1 ELSE numbered_id(1 + n / 3 % ${CONVERSATIONS}) END AS other) AS others`,
    [person],
  );
  await database.query(
    `INSERT INTO conversations (user_id, peer_id, last_message_id)
     SELECT one, other, max(id::text)::uuid
       FROM (SELECT sender AS one, receiver AS other, id FROM messages
             UNION ALL SELECT receiver, sender, id FROM messages) AS sides
      GROUP BY one, other`,
  );
  await database.query('ANALYZE');
}
