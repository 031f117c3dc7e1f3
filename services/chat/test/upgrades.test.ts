import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { after, before, describe, test } from 'node:test';
import request from 'supertest';
import { connect, refusal } from './client.ts';
import { as, assertProblem, eventually, type Replica, type System, startSystem } from './support.ts';

describe('upgrades', () => {
  const ada = randomUUID();
  let system: System;
  let chat: Replica;

  before(async () => {
    system = await startSystem();
    chat = await system.startReplica({ WS_MAX_SOCKETS: '3', WS_MAX_SOCKETS_PER_USER: '2' });
  });
  after(() => system.stop());

  test('a socket opens at the path with and without its trailing slash, and names the request', async () => {
    for (const path of ['/api/chat/ws', '/api/chat/ws/', '/api/chat/ws?from=here']) {
      const { statusLine, headers } = await handshake(chat, path, { 'X-User-ID': ada, 'X-Request-Id': 'open-me' });
      assert.equal(statusLine, 'HTTP/1.1 101 Switching Protocols');
      assert.match(headers, /^X-Request-Id: open-me$/m);
      assert.doesNotMatch(headers, /permessage-deflate/);
    }
    await eventually('the sockets to be gone', async () => (await chat.metric('chat_sockets_open')) === 0);
  });

  test('without a caller it is refused with 401', async () => {
    for (const headers of [{}, { 'X-User-ID': '' }, { 'X-User-ID': 'ada' }]) {
      const { status, body } = await refusal(chat, '/api/chat/ws', headers as Record<string, string>);
      assert.equal(status, 401);
      assertProblem(body, 401, 'unauthenticated');
    }
  });

  test('another path is refused with 404', async () => {
    for (const path of ['/', '/api/chat', '/api/chat/wss', '/api/chat/ws/x', '/api/chat/conversation', '/livez']) {
      const { status, headers, body } = await refusal(chat, path, { 'X-User-ID': ada, 'X-Request-Id': 'which-one' });
      assert.equal(status, 404);
      assertProblem(body, 404, 'not-found');
      assert.equal(headers['content-type'], 'application/problem+json; charset=utf-8');
      assert.equal(headers['x-request-id'], 'which-one');
      assert.equal(body.request_id, 'which-one');
    }
  });

  test('a handshake that is none is refused with 400', async () => {
    for (const wrong of [{ 'Sec-WebSocket-Key': 'short' }, { 'Sec-WebSocket-Version': '7' }]) {
      const { statusLine, headers } = await handshake(chat, '/api/chat/ws', { 'X-User-ID': ada, ...wrong });
      assert.equal(statusLine, 'HTTP/1.1 400 Bad Request');
      assert.match(headers, /^Sec-WebSocket-Version: 13$/m);
      assert.match(headers, /application\/problem\+json/);
    }
  });

  test('an upgrade to another protocol is a plain request', async () => {
    const { statusLine } = await handshake(chat, '/api/chat/ws', { 'X-User-ID': ada, Upgrade: 'h2c' });
    assert.equal(statusLine, 'HTTP/1.1 426 Upgrade Required');
  });

  test('a plain request for the path gets 426', async () => {
    for (const path of ['/api/chat/ws', '/api/chat/ws/']) {
      const { body, headers } = await as(chat, ada).get(path).expect(426);
      assertProblem(body, 426, 'upgrade-required');
      assert.equal(headers.upgrade, 'websocket');
    }
    await request(chat.url).get('/api/chat/ws').expect(401);
  });

  test('an account that was deleted gets 401', async () => {
    const gone = randomUUID();
    await system.database.query('INSERT INTO deleted_accounts (user_id) VALUES ($1)', [gone]);
    assert.equal((await refusal(chat, '/api/chat/ws', { 'X-User-ID': gone })).status, 401);
  });

  test('a person and the process hold so many sockets and no more; one that closes makes room', async () => {
    const clients = [await connect(chat, ada), await connect(chat, ada)];
    const third = await refusal(chat, '/api/chat/ws', { 'X-User-ID': ada });
    assertProblem(third.body, 429, 'too-many-requests');
    assert.equal(third.status, 429);
    assert.equal(third.headers['retry-after'], '10');

    clients.push(await connect(chat, randomUUID()));
    assert.equal((await refusal(chat, '/api/chat/ws', { 'X-User-ID': randomUUID() })).status, 503);

    for (const client of clients) await client.close();
    await eventually('room', async () => (await chat.metric('chat_sockets_open')) === 0);
    await (await connect(chat, ada)).close();
  });

  test('a client that goes away in the middle of its handshake harms nobody', async () => {
    for (let i = 0; i < 20; i += 1) {
      const socket = await open(chat, i % 2 ? '/api/chat/ws' : '/elsewhere', { 'X-User-ID': ada });
      socket.resetAndDestroy();
    }
    await request(chat.url).get('/readyz').expect(200);
    await eventually('no open socket', async () => (await chat.metric('chat_sockets_open')) === 0);
  });
});

async function open(replica: Replica, path: string, headers: Record<string, string>) {
  const { hostname, port } = new URL(replica.url);
  const socket = connectTcp(Number(port), hostname);
  socket.on('error', () => {});
  await once(socket, 'connect');
  const all = {
    Host: 'chat',
    Connection: 'Upgrade',
    Upgrade: 'websocket',
    'Sec-WebSocket-Version': '13',
    'Sec-WebSocket-Key': Buffer.alloc(16).toString('base64'),
    'Sec-WebSocket-Extensions': 'permessage-deflate',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
  return socket;
}

/** The head of the response to a handshake that is written by hand. */
async function handshake(replica: Replica, path: string, headers: Record<string, string>) {
  const socket = await open(replica, path, headers);
  let response = '';
  for await (const chunk of socket) {
    response += String(chunk);
    if (response.includes('\r\n\r\n')) break;
  }
  const [statusLine = '', ...rest] = response.split('\r\n');
  return { statusLine, headers: rest.join('\n') };
}
