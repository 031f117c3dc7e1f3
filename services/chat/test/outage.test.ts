import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect as connectTcp, createServer, type Socket } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { startLink } from '@wave-connect/dev-env/testing';
import { connect, refusal } from './client.ts';
import { as, assertProblem, eventually, type Replica, type System, send, startSystem } from './support.ts';

describe('while the database is away', () => {
  const [ada, grace] = [randomUUID(), randomUUID()];
  let system: System;
  let line: Line;
  let chat: Replica;

  before(async () => {
    system = await startSystem();
    line = await lineTo(system.databaseUrl);
    chat = await system.startReplica({ DATABASE_URL: line.url, DB_CONNECT_TIMEOUT_MS: '500' });
  });
  after(async () => {
    await system.stop();
    await line.cut();
  });

  test('requests get 503, frames with an error; sockets stay and work again afterwards', async () => {
    const [sender, receiver] = [await connect(chat, ada), await connect(chat, grace)];
    await line.cut();

    const { body, headers } = await as(chat, ada).post('/api/chat').send({ receiver: grace, text: 'hi' }).expect(503);
    assertProblem(body, 503, 'unavailable');
    assert.equal(headers['retry-after'], '2');
    await as(chat, ada).get('/api/chat/conversation').expect(503);
    assert.equal((await refusal(chat, '/api/chat/ws', { 'X-User-ID': ada })).status, 503);
    sender.send({ receiver: grace, text: 'hi', client_id: 'lost' });
    const [response] = await sender.received(1);
    assert.deepEqual([response?.title, response?.client_id], ['Service Unavailable', 'lost']);
    await eventually('not ready', async () => (await fetch(`${chat.url}/readyz`)).status === 503);

    await line.mend();
    await eventually('ready', async () => (await fetch(`${chat.url}/readyz`)).ok);
    sender.send({ receiver: grace, text: 'hi', client_id: 'sent' });
    const [, stored] = await sender.received(2);
    assert.deepEqual(await receiver.received(1), [{ type: 'message', message: stored?.message }]);
    for (const client of [sender, receiver]) await client.close();
  });

  test('an announced deletion waits, and takes effect afterwards', async () => {
    await send(as(chat, ada), grace);
    await line.cut();
    await system.announceDeletion(ada);
    await eventually('an attempt', () =>
      chat.lines.some(({ msg, transient }) => msg === 'event handler failed' && transient),
    );
    await line.mend();
    await eventually('the deletion', async () => {
      const { rowCount } = await system.database.query('SELECT 1 FROM messages WHERE $1 IN (sender, receiver)', [ada]);
      return rowCount === 0;
    });
    assert.equal(await chat.metric('events_consumed_total', 'outcome="dead_letter"'), 0);
  });
});

type Line = { url: string; cut(): Promise<void>; mend(): Promise<void> };

/** A way to the database that can be cut. */
async function lineTo(databaseUrl: string): Promise<Line> {
  const target = new URL(databaseUrl);
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connectTcp(Number(target.port), target.hostname);
    for (const socket of [near, far]) {
      sockets.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => {
          near.destroy();
          far.destroy();
          sockets.delete(socket);
        });
    }
    near.pipe(far).pipe(near);
  });
  const listen = async (port: number) => {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return (server.address() as AddressInfo).port;
  };
  const port = await listen(0);
  const url = new URL(databaseUrl);
  url.host = `127.0.0.1:${port}`;
  return {
    url: url.href,
    async cut() {
      server.close();
      for (const socket of sockets) socket.destroy();
      if (server.listening) await once(server, 'close');
    },
    async mend() {
      await listen(port);
    },
  };
}

test('a message whose statement breaks off may be stored: 502, and the same in a frame', async () => {
  const [ada, grace] = [randomUUID(), randomUUID()];
  const system = await startSystem();
  const link = await startLink(system.databaseUrl);
  const chat = await system.startReplica({ DATABASE_URL: link.url });
  const texts = async () =>
    (await system.database.query('SELECT text FROM messages ORDER BY id')).rows.map(({ text }) => text);
  try {
    const client = await connect(chat, ada);
    link.cutAfter('store_messages');
    const { body } = await as(chat, ada).post('/api/chat').send({ receiver: grace, text: 'by HTTP' }).expect(502);
    assertProblem(body, 502, 'bad-gateway');
    link.cutAfter('store_messages');
    client.send({ receiver: grace, text: 'by frame' });
    const [frame] = await client.received(1);
    assert.equal(frame?.title, 'Bad Gateway');
    assert.deepEqual(await texts(), ['by HTTP', 'by frame']);
    await client.close();
  } finally {
    await system.stop();
    link.close();
  }
});
