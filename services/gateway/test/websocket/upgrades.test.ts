import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { type AddressInfo, connect, createServer } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import { waitFor } from '@wave-connect/dev-env/waiting';
import request from 'supertest';
import { aToken, startGateway, startUpstream, type Upstream, USER } from '../support.ts';
import { aFrame } from './frames.ts';
import { openSocket, startChat } from './web-sockets.ts';

let upstream: Upstream;
let gateway: Service;

before(async () => {
  upstream = await startUpstream();
  gateway = await startGateway(upstream.url);
});
after(async () => {
  await gateway.stop();
  await upstream.close();
});
beforeEach(() => {
  upstream.requests.length = 0;
});

/** Asks for an upgrade and returns all that comes back until the connection closes. */
async function upgrade(path: string, headers: string[] = []): Promise<string> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  const head = [`GET ${path} HTTP/1.1`, 'Host: x', 'Connection: Upgrade', 'Upgrade: websocket', ...headers];
  socket.write(`${head.join('\r\n')}\r\n\r\n`);
  let response = '';
  socket.on('data', (chunk) => {
    response += chunk;
  });
  await once(socket, 'close');
  return response;
}

test('an upgrade with a token reaches the chat service under the name of its user', async () => {
  const response = await upgrade('/api/chat/ws', [`Authorization: Bearer ${await aToken()}`, 'X-User-ID: somebody']);
  assert.match(response, /^HTTP\/1\.1 101 .*hello$/s);
  const [seen] = upstream.requests;
  assert.equal(seen?.headers['x-user-id'], USER);
  assert.equal(seen?.headers.authorization, undefined);
});

test('the cookie is as good as the header, with and without the trailing slash', async () => {
  for (const path of ['/api/chat/ws', '/api/chat/ws/']) {
    assert.match(await upgrade(path, [`Cookie: jwt=${await aToken()}`]), /^HTTP\/1\.1 101 /);
  }
});

for (const [name, headers] of [
  ['no token', []],
  ['a broken token', ['Authorization: Bearer a.b.c']],
  ['an identity of its own', [`X-User-ID: ${USER}`]],
] as [string, string[]][]) {
  test(`an upgrade with ${name} is a 401, and the chat service sees no connection`, async () => {
    const before = upstream.connections;
    const response = await upgrade('/api/chat/ws', headers);
    assert.match(response, /^HTTP\/1\.1 401 /);
    assert.match(response, /application\/problem\+json/);
    assert.match(response, /"request_id":"[0-9a-f-]{36}"/);
    assert.equal(upstream.connections, before);
  });
}

test('a plain request to the chat does not open the way for an upgrade without a token', async () => {
  await request(gateway.url)
    .get('/api/chat/conversation')
    .set('Authorization', `Bearer ${await aToken()}`)
    .expect(200);
  const before = upstream.connections;
  assert.match(await upgrade('/api/chat/ws'), /^HTTP\/1\.1 401 /);
  assert.equal(upstream.connections, before);
});

test('an upgrade of any other path is a 404, token or not', async () => {
  for (const path of ['/', '/api/feed/', '/api/chat/', '/api/auth/login', 'http://evil.example/api/chat/ws']) {
    assert.match(await upgrade(path, [`Authorization: Bearer ${await aToken()}`]), /^HTTP\/1\.1 40[04] /);
  }
  assert.equal(upstream.requests.length, 0);
});

test('a chat service that accepts and stays silent is a 504', async () => {
  const mute = createServer().listen(0, '127.0.0.1');
  await once(mute, 'listening');
  const reachable = gateway;
  gateway = await startGateway(`http://127.0.0.1:${(mute.address() as AddressInfo).port}`, {
    UPSTREAM_TIMEOUT_MS: '100',
  });
  try {
    assert.match(await upgrade('/api/chat/ws', [`Authorization: Bearer ${await aToken()}`]), /^HTTP\/1\.1 504 /);
  } finally {
    await gateway.stop();
    gateway = reachable;
    mute.close();
  }
});

test('a chat service that resets an open WebSocket ends it, and its client gets no HTTP response within it', async () => {
  const chat = await startChat();
  const reachable = gateway;
  gateway = await startGateway(chat.url);
  try {
    const client = await openSocket(gateway.url);
    const service = await chat.opened(1);
    service.socket.write(aFrame(Buffer.from('the last')));
    await waitFor('the frame', () => client.frames().frames.length === 1, { deadlineMs: 10_000 });
    service.socket.resetAndDestroy();
    await client.closed;
    const { frames, rest } = client.frames();
    assert.deepEqual([frames.length, rest.length], [1, 0]);
  } finally {
    await gateway.stop();
    await chat.stop();
    gateway = reachable;
  }
});

test('a chat service that is down is a 502', async () => {
  const gone = await startUpstream();
  await gone.close();
  const reachable = gateway;
  gateway = await startGateway(gone.url);
  try {
    const response = await upgrade('/api/chat/ws', [`Authorization: Bearer ${await aToken()}`]);
    assert.match(response, /^HTTP\/1\.1 502 /);
    assert.doesNotMatch(response, /127\.0\.0\.1/);
  } finally {
    await gateway.stop();
    gateway = reachable;
  }
});

test('a request for an upgrade to another protocol is forwarded as a plain one, and its connection goes on', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const before = upstream.requests.length;
  for (const path of ['/api/feed/', '/api/chat/conversation', '/api/chat/ws']) {
    const response = await request(gateway.url)
      .get(path)
      .agent(agent)
      .set({ Authorization: `Bearer ${await aToken()}`, Connection: 'Upgrade, HTTP2-Settings', Upgrade: 'h2c' });
    assert.equal(response.status, 200, path);
  }
  agent.destroy();
  assert.equal(upstream.requests.length, before + 3);
  for (const { headers } of upstream.requests) assert.equal(headers.upgrade, undefined);
});
