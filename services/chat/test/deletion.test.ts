import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import { connect } from './client.ts';
import {
  as,
  assertProblem,
  conversations,
  eventually,
  history,
  type Replica,
  type System,
  send,
  startSystem,
} from './support.ts';

describe('the deletion of an account', () => {
  let system: System;
  let replicas: Replica[];
  let here: Replica;
  let ada: string;
  let grace: string;
  let eve: string;

  before(async () => {
    system = await startSystem();
    replicas = await Promise.all([system.startReplica(), system.startReplica()]);
    [here] = replicas as [Replica];
  });
  after(() => system.stop());
  beforeEach(() => {
    [ada, grace, eve] = [randomUUID(), randomUUID(), randomUUID()];
  });

  const deleteAccount = async (userId: string, eventId?: string) => {
    await system.announceDeletion(userId, eventId);
    await eventually('the deletion', async () => {
      const { rowCount } = await system.database.query('SELECT 1 FROM deleted_accounts WHERE user_id = $1', [userId]);
      return rowCount === 1;
    });
  };

  test('takes all messages of that person from both sides, and no others', async () => {
    const mine = await send(as(here, ada), grace);
    await send(as(here, grace), ada);
    await send(as(here, eve), ada);
    const kept = await send(as(here, eve), grace);
    await deleteAccount(ada);

    assert.deepEqual(await conversations(as(here, grace)), [{ peer_id: eve, last_message: kept, unread_count: 1 }]);
    assert.deepEqual(await conversations(as(here, eve)), [{ peer_id: grace, last_message: kept, unread_count: 0 }]);
    assert.deepEqual(await conversations(as(here, ada)), []);
    assert.deepEqual(await history(as(here, grace), ada), []);
    await as(here, grace).get(`/api/chat/${mine.id}`).expect(404);
    await eventually('the erasure', async () => {
      const left = await system.database.query(
        `SELECT 1 FROM messages WHERE $1 IN (sender, receiver)
          UNION ALL SELECT 1 FROM conversations WHERE $1 IN (user_id, peer_id)
          UNION ALL SELECT 1 FROM erasures`,
        [ada],
      );
      return left.rowCount === 0;
    });
  });

  test('makes what that person still tries to write 401, and writing to them 404', async () => {
    const { id } = await send(as(here, ada), grace);
    await deleteAccount(ada);
    const asAda = as(here, ada);
    const attempts = [
      asAda.post('/api/chat').send({ receiver: grace, text: 'hi' }),
      asAda.put(`/api/chat/${id}`).send({ text: 'hi' }),
      asAda.delete(`/api/chat/${id}`),
      asAda.put(`/api/chat/conversation/${grace}/read`),
    ];
    for (const attempt of attempts) assertProblem((await attempt.expect(401)).body, 401, 'unauthenticated');
    const { body } = await as(here, grace).post('/api/chat').send({ receiver: ada, text: 'hi' }).expect(404);
    assertProblem(body, 404, 'not-found');
    assert.deepEqual(await conversations(as(here, grace)), []);
  });

  test('closes their sockets on every replica with 4401, and nobody else’s', async () => {
    const theirs = await Promise.all(replicas.flatMap((replica) => [connect(replica, ada), connect(replica, ada)]));
    const others = await Promise.all(replicas.map((replica) => connect(replica, grace)));
    await deleteAccount(ada);
    for (const client of theirs) assert.equal(await client.closed, 4401);
    for (const [i, client] of others.entries()) {
      client.send({ receiver: ada, text: 'hi', client_id: i });
      const detail = "The receiver's account has been deleted.";
      assert.deepEqual(await client.received(1), [{ type: 'error', title: 'Not Found', detail, client_id: i }]);
      await client.close();
    }
  });

  test('that a socket outlives leaves its frames to get an error', async () => {
    const client = await connect(here, ada);
    await system.database.query('INSERT INTO deleted_accounts (user_id) VALUES ($1)', [ada]);
    client.send({ receiver: grace, text: 'hi' });
    assert.equal((await client.received(1))[0]?.title, 'Unauthorized');
    await client.close();
  });

  test('that is announced twice has one effect', async () => {
    const eventId = randomUUID();
    const handled = async () => {
      const counts = await Promise.all(
        replicas.map((replica) => replica.metric('events_consumed_total', 'topic="user-deleted"', 'outcome="handled"')),
      );
      return counts.reduce((sum, count) => sum + count, 0);
    };
    const removals = () =>
      replicas
        .flatMap(({ lines }) => lines)
        .filter((line) => line.user_id === ada && line.msg === 'deleted account erased');

    const before = await handled();
    await send(as(here, ada), grace);
    for (let i = 0; i < 2; i += 1) await deleteAccount(ada, eventId);
    // Each time one of the durable group and every replica's own.
    await eventually('both announcements', async () => (await handled()) === before + 2 * (1 + replicas.length));
    await eventually('the erasure', () => removals().length > 0);
    assert.equal(removals().length, 1);
    const { rows } = await system.database.query('SELECT event_type FROM processed_events WHERE event_id = $1', [
      eventId,
    ]);
    assert.deepEqual(rows, [{ event_type: 'user-deleted' }]);
  });

  test('with an announcement that makes no sense ends as a dead letter and harms nobody', async () => {
    const event = { id: randomUUID(), type: 'user-deleted', source: '/auth', time: new Date().toISOString(), key: 'x' };
    await system.bus.publish([{ ...event, sequence: '1', data: { user_id: 'everybody' } }]);
    await eventually('dead letters', async () => {
      const counts = await Promise.all(
        replicas.map((replica) => replica.metric('events_consumed_total', 'outcome="dead_letter"')),
      );
      return counts.reduce((sum, count) => sum + count, 0) === 1 + replicas.length;
    });
    await send(as(here, ada), grace);
  });
});

describe('the erasure of a person with many messages', () => {
  const MESSAGES = 150;
  const [ada, grace, eve] = [randomUUID(), randomUUID(), randomUUID()];
  let system: System;
  let first: Replica;

  before(async () => {
    system = await startSystem();
    first = await system.startReplica({ ERASURE_BATCH_ROWS: '1' });
  });
  after(() => system.stop());

  const rows = async (statement: string) => (await system.database.query(statement)).rows;
  const erasedSoFar = async () =>
    Number((await rows('SELECT rows_erased FROM erasures'))[0]?.rows_erased ?? Number.NaN);

  test('hides all of it at once, ends between batches when the service stops, and goes on in the next process', async () => {
    const toGrace = await send(as(first, ada), grace);
    const fromGrace = await send(as(first, grace), ada);
    const kept = await send(as(first, grace), eve);
    await system.database.query(
      `INSERT INTO messages (text, sender, receiver) SELECT 'again', $1, $2 FROM generate_series(1, $3)`,
      [ada, grace, MESSAGES],
    );
    await system.announceDeletion(ada);
    await eventually('batches', async () => (await erasedSoFar()) > 0);

    assert.deepEqual(await conversations(as(first, grace)), [{ peer_id: eve, last_message: kept, unread_count: 0 }]);
    assert.deepEqual(await conversations(as(first, ada)), []);
    assert.deepEqual(await history(as(first, grace), ada), []);
    await as(first, grace).get(`/api/chat/${toGrace.id}`).expect(404);
    await as(first, grace).put(`/api/chat/${fromGrace.id}`).send({ text: 'changed' }).expect(404);
    await as(first, grace).delete(`/api/chat/${fromGrace.id}`).expect(404);
    await as(first, ada).post('/api/chat').send({ receiver: grace, text: 'boo' }).expect(401);

    await first.stop();
    const before = await erasedSoFar();
    assert.ok(before > 0 && before < MESSAGES, `${before} rows`);

    const second = await system.startReplica();
    const done = (line: Record<string, unknown>) => line.msg === 'deleted account erased' && line.user_id === ada;
    await eventually('the erasure', () => second.lines.some(done));
    // Two messages and both sides of the conversation besides.
    assert.equal(second.lines.find(done)?.rows, MESSAGES + 4);
    assert.deepEqual(await rows('SELECT text FROM messages'), [{ text: kept.text }]);
    assert.equal((await rows('SELECT 1 FROM conversations')).length, 2);
  });
});
