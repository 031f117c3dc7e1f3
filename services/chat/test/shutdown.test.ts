import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { connect as connectSocket, type Socket, type TcpNetConnectOpts } from 'node:net';
import { after, before, beforeEach, describe, test } from 'node:test';
import { connect, refusal } from './client.ts';
import { as, eventually, history, type Replica, type System, startSystem } from './support.ts';

describe('a gateway that stops ends its half of a connection, and the chat', () => {
  let system: System;
  let chat: Replica;
  let ends: Socket;

  before(async () => {
    system = await startSystem();
    chat = await system.startReplica();
  });
  after(() => system.stop());

  /** A connection whose half is ended by `ends`. */
  const open = (userId: string) =>
    connect(chat, userId, {
      createConnection: (options) => {
        ends = connectSocket({ ...(options as TcpNetConnectOpts), allowHalfOpen: true });
        return ends;
      },
    });

  test('closes the socket with 1001', async () => {
    const ada = randomUUID();
    const client = await open(ada);
    ends.end();
    assert.equal(await client.closed, 1001);
    await eventually('the socket to be gone', async () => (await chat.metric('chat_sockets_open')) === 0);
  });

  test('has sent before what came before, and stores each message that it has read once', async () => {
    const [ada, grace] = [randomUUID(), randomUUID()];
    const client = await open(ada);
    await as(chat, grace).post('/api/chat').send({ receiver: ada, text: 'hello' }).expect(201);
    client.send({ receiver: grace, text: 'read, and not acknowledged' });
    ends.end();
    assert.equal(await client.closed, 1001);
    assert.equal(client.frames[0]?.message?.text, 'hello');
    const texts = async () => (await history(as(chat, ada), grace)).map(({ text }) => text);
    await eventually('the message', async () => (await texts()).length === 2);
    assert.deepEqual((await texts()).toSorted(), ['hello', 'read, and not acknowledged']);
  });

  test('says nothing else on a socket that is closing already', async () => {
    const client = await open(randomUUID());
    client.socket.send(Buffer.from('binary'), { binary: true });
    ends.end();
    assert.equal(await client.closed, 1003);
  });
});

describe('a service that stops', () => {
  let system: System;
  let chat: Replica;

  before(async () => {
    system = await startSystem();
  });
  beforeEach(async () => {
    chat = await system.startReplica({ WS_CLOSE_TIMEOUT_MS: '500' });
  });
  after(() => system.stop());

  test('closes its sockets with 1001', async () => {
    const clients = await Promise.all(Array.from({ length: 5 }, () => connect(chat, randomUUID())));
    await chat.stop();
    for (const client of clients) assert.equal(await client.closed, 1001);
  });

  test('responds to the frame at hand first, and stores none after it', async () => {
    const [ada, grace] = [randomUUID(), randomUUID()];
    const locker = await system.database.connect();
    await locker.query('BEGIN');
    await locker.query('SELECT lock_conversation($1, $2)', [ada, grace]);
    const client = await connect(chat, ada);
    for (const client_id of [1, 2, 3]) client.send({ receiver: grace, text: 'hi', client_id });
    await eventually('the first to wait', async () => {
      const { rowCount } = await system.database.query(
        `SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`,
      );
      return rowCount === 1;
    });

    const stopped = chat.stop();
    await locker.query('COMMIT');
    locker.release();
    await stopped;
    assert.equal(await client.closed, 1001);
    assert.deepEqual(
      client.frames.map(({ client_id }) => client_id),
      [1],
    );
    const other = await system.startReplica();
    assert.equal((await history(as(other, ada), grace)).length, 1);
  });

  test('refuses upgrades with 503 while it waits, and cuts off who does not close', async () => {
    const client = await connect(chat, randomUUID());
    client.socket.pause();
    const stopped = chat.stop();
    const { status, body } = await refusal(chat, '/api/chat/ws', { 'X-User-ID': randomUUID() });
    assert.equal(status, 503);
    assert.equal(body.type, '/problems/unavailable');
    await stopped;
    client.socket.resume();
    await client.closed;
  });

  test('publishes what is in the outbox', async () => {
    const ada = randomUUID();
    await as(chat, ada).post('/api/chat').send({ receiver: randomUUID(), text: 'last words' }).expect(201);
    await chat.stop();
    assert.equal((await system.database.query('SELECT 1 FROM outbox')).rowCount, 0);
  });
});
