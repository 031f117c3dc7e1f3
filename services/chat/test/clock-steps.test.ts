import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, describe, test } from 'node:test';
import { connect } from './client.ts';
import {
  as,
  conversations,
  history,
  ids,
  type Message,
  type Replica,
  type System,
  send,
  startSystem,
} from './support.ts';

/** How far ahead the clock was when the first message was stored. */
const AHEAD = '5 seconds';

describe('after the clock of the database was set back', () => {
  let system: System;
  let chat: Replica;
  let ada: string;
  let grace: string;
  let future: string;

  before(async () => {
    system = await startSystem();
    chat = await system.startReplica();
  });
  after(() => system.stop());
  beforeEach(async () => {
    [ada, grace] = [randomUUID(), randomUUID()];
    future = await moveAhead(await send(as(chat, ada), grace, 'from a clock that was ahead'));
  });

  const rows = async (sql: string, ...values: unknown[]) => (await system.database.query(sql, values)).rows;

  /** Gives a message the id that it would have had then. */
  async function moveAhead({ id }: Message): Promise<string> {
    const [{ ahead }] = await rows(`SELECT uuidv7($1::interval) AS ahead`, AHEAD);
    await rows('UPDATE messages SET id = $1 WHERE id = $2', ahead, id);
    await rows('UPDATE conversations SET last_message_id = $1 WHERE last_message_id = $2', ahead, id);
    return ahead;
  }

  const caughtUp = (id = future) => history(as(chat, grace), ada, { after: id });

  function assertOrder(messages: Message[], sent: Message[]): void {
    assert.deepEqual(ids(messages), ids(sent));
    assert.deepEqual(ids(messages), ids(messages).toSorted());
    const times = messages.map(({ time_sent }) => time_sent);
    assert.deepEqual(times, times.toSorted());
  }

  test('messages one after the other come behind the last one, and catching up tells them', async () => {
    const sent = [await send(as(chat, ada), grace), await send(as(chat, grace), ada), await send(as(chat, ada), grace)];
    assertOrder(await caughtUp(), sent);
    assert.ok(
      new Date(sent[0]?.time_sent ?? 0).getTime() >= Number.parseInt(future.replaceAll('-', '').slice(0, 12), 16),
    );
    assert.deepEqual((await conversations(as(chat, grace)))[0]?.last_message, sent.at(-1));
  });

  test('so do many at the same time, in the order in which they were sent', async () => {
    const client = await connect(chat, ada);
    for (let n = 0; n < 200; n += 1) client.send({ receiver: grace, text: `message ${n}` });
    const sent = (await client.received(200)).flatMap(({ message }) => message ?? []);
    assertOrder(await caughtUp(), sent);
    await client.close();
  });

  test('so do those whose conversation is locked elsewhere', async () => {
    const held = await system.database.connect();
    await held.query('BEGIN');
    await held.query('SELECT lock_conversation($1, $2)', [ada, grace]);
    const sending = send(as(chat, ada), grace);
    await held.query('SELECT pg_sleep(0.1)');
    await held.query('COMMIT');
    held.release();
    const sent = [await sending];
    assertOrder(await caughtUp(), sent);
  });

  test('the order outlives the last message of a conversation', async () => {
    await as(chat, ada).delete(`/api/chat/${future}`).expect(204);
    assert.deepEqual(await conversations(as(chat, grace)), []);
    const sent = [await send(as(chat, ada), grace), await send(as(chat, grace), ada)];
    assertOrder(await caughtUp(), sent);
  });

  test('and the last one beside others', async () => {
    const last = await moveAhead(await send(as(chat, grace), ada));
    await as(chat, grace).delete(`/api/chat/${last}`).expect(204);
    const sent = [await send(as(chat, ada), grace)];
    assertOrder(await caughtUp(last), sent);
  });

  test('what was marked as read stays so, and what comes is unread', async () => {
    await as(chat, grace).put(`/api/chat/conversation/${ada}/read`).expect(204);
    await send(as(chat, ada), grace);
    assert.equal((await conversations(as(chat, grace)))[0]?.unread_count, 1);
  });

  test('other conversations go by the clock', async () => {
    const { time_sent } = await send(as(chat, ada), randomUUID());
    const [{ now }] = await rows('SELECT clock_timestamp() AS now');
    assert.ok(new Date(time_sent) <= now);
  });
});
