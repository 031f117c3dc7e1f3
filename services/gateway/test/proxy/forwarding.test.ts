import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import request from 'supertest';
import { aToken, startGateway, startUpstream, type Upstream } from '../support.ts';

let upstream: Upstream;
let gateway: Service;
let bearer: { Authorization: string };

before(async () => {
  upstream = await startUpstream((req, res) => {
    req.resume().on('end', () => res.setHeader('Content-Type', 'application/json').end('{"ok":true}'));
  });
  gateway = await startGateway(upstream.url);
  bearer = { Authorization: `Bearer ${await aToken()}` };
});
after(async () => {
  await gateway.stop();
  await upstream.close();
});
beforeEach(() => {
  upstream.requests.length = 0;
});

/** Sends bytes as they are and returns the status line. */
async function raw(lines: string[]): Promise<string> {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.write(`${lines.join('\r\n')}\r\n\r\n`);
  const [response] = await once(socket, 'data');
  socket.destroy();
  return String(response).split('\r\n', 1)[0] ?? '';
}

test('the response of the service comes through as it is', async () => {
  const response = await request(gateway.url).get('/api/feed/?limit=3').set(bearer).expect(200);
  assert.deepEqual(response.body, { ok: true });
  assert.equal(upstream.requests[0]?.url, '/api/feed/?limit=3');
});

test('services see neither tokens nor cookies nor what a client claims of its way', async () => {
  await request(gateway.url)
    .get('/api/feed/')
    .set({ ...bearer, Cookie: 'jwt=x', 'X-Forwarded-For': '6.6.6.6', 'X-Forwarded-Proto': 'https', 'X-Secret': '1' })
    .expect(200);
  const headers = upstream.requests[0]?.headers ?? {};
  assert.deepEqual(
    ['authorization', 'cookie', 'x-secret'].filter((name) => name in headers),
    [],
  );
  assert.match(String(headers['x-forwarded-for']), /127\.0\.0\.1$/);
  assert.equal(headers['x-forwarded-proto'], 'http');
});

test('an idempotency key reaches the service', async () => {
  await request(gateway.url)
    .post('/api/feed/')
    .set({ ...bearer, 'Idempotency-Key': 'once' })
    .send({ text: 'hello' })
    .expect(200);
  assert.equal(upstream.requests[0]?.headers['idempotency-key'], 'once');
});

test('a proxy in front is believed where the gateway is told so', async () => {
  const behind = await startGateway(upstream.url, { TRUST_PROXY: 'true' });
  try {
    const way = { ...bearer, 'X-Forwarded-For': '203.0.113.7', 'X-Forwarded-Proto': 'https' };
    await request(behind.url).get('/api/feed/').set(way).expect(200);
    const headers = upstream.requests[0]?.headers ?? {};
    assert.match(String(headers['x-forwarded-for']), /^203\.0\.113\.7, .*127\.0\.0\.1$/);
    assert.equal(headers['x-forwarded-proto'], 'https');
  } finally {
    await behind.stop();
  }
});

test('each request gets an id of the gateway, the same for service and client', async () => {
  const response = await request(gateway.url)
    .get('/api/feed/')
    .set({ ...bearer, 'X-Request-Id': 'chosen' });
  const id = upstream.requests[0]?.headers['x-request-id'];
  assert.match(String(id), /^[0-9a-f-]{36}$/);
  assert.equal(response.headers['x-request-id'], id);
});

test('a trace context that is well-formed is passed on, and no other', async () => {
  const id = '0af7651916cd43dd8448eb211c80319c';
  const good = `00-${id}-b7ad6b7169203331-01`;
  const seen = async (traceparent: string) => {
    await request(gateway.url)
      .get('/api/feed/')
      .set({ ...bearer, traceparent })
      .expect(200);
    return upstream.requests.at(-1)?.headers.traceparent;
  };
  assert.equal(await seen(good), good);
  for (const bad of [
    'x',
    `ff-${id}-b7ad6b7169203331-01`,
    `00-${'0'.repeat(32)}-b7ad6b7169203331-01`,
    `00-${id}-0000000000000000-01`,
    good.toUpperCase(),
    `${good}-more`,
  ]) {
    assert.equal(await seen(bad), undefined, bad);
  }
});

for (const path of [
  '/',
  '/api',
  '/api/',
  '/api/admin/',
  '/api/feedx',
  '/API/feed/',
  '/metrics',
  '/api/../api/nothing',
]) {
  test(`${path} belongs to no service: 404`, async () => {
    const status = await raw([`GET ${path} HTTP/1.1`, 'Host: x', `Authorization: ${bearer.Authorization}`]);
    assert.match(status, / 404 /);
    assert.equal(upstream.requests.length, 0);
  });
}

for (const target of ['http://evil.example/api/feed/', '//evil.example/api/feed/', '*']) {
  test(`the request target ${target} leads nowhere`, async () => {
    const status = await raw([`GET ${target} HTTP/1.1`, 'Host: x', `Authorization: ${bearer.Authorization}`]);
    assert.match(status, / 40[04] /);
    assert.equal(upstream.requests.length, 0);
  });
}

test('a body of 300 kB streams through', async () => {
  await request(gateway.url)
    .put('/api/profile/avatar/')
    .set({ ...bearer, 'Content-Type': 'image/png' })
    .send(Buffer.alloc(300_000))
    .expect(200);
  assert.equal(upstream.requests[0]?.headers['content-length'], '300000');
});

test('a service that is down is a 502 that names no host, and waits for no limit', async () => {
  const gone = await startUpstream();
  await gone.close();
  const lonely = await startGateway(gone.url, { UPSTREAM_TIMEOUT_MS: '600000', UPSTREAM_CONNECT_TIMEOUT_MS: '60000' });
  try {
    const response = await request(lonely.url).get('/api/feed/').set(bearer).expect(502);
    assert.equal(response.type, 'application/problem+json');
    assert.ok(Number(response.headers['retry-after']) > 0);
    assert.doesNotMatch(response.text, /127\.0\.0\.1|ECONN/);
  } finally {
    await lonely.stop();
  }
});

test('a service that stays silent is a 504', async () => {
  const silent = await startUpstream(() => {});
  const impatient = await startGateway(silent.url, { UPSTREAM_TIMEOUT_MS: '100' });
  try {
    const response = await request(impatient.url).get('/api/feed/').set(bearer).expect(504);
    assert.equal(response.body.type, '/problems/gateway-timeout');
  } finally {
    await impatient.stop();
    await silent.close();
  }
});

for (const [said, scheme] of [
  ['HTTPS', 'https'],
  [' https', 'https'],
  ['https, http', 'https'],
  ['https,https', 'https'],
  ['wss', 'https'],
  ['http, https', 'http'],
  ['HTTP', 'http'],
  ['ftp', 'http'],
  ['', 'http'],
  [', https', 'http'],
] as const) {
  test(`the scheme that a trusted proxy tells as "${said}" reaches services as ${scheme}`, async () => {
    const trusting = await startGateway(upstream.url, { TRUST_PROXY: 'true' });
    try {
      const bearer = { Authorization: `Bearer ${await aToken()}` };
      const response = await request(trusting.url)
        .get('/api/feed/')
        .set({ ...bearer, 'X-Forwarded-Proto': said });
      assert.equal(upstream.requests.at(-1)?.headers['x-forwarded-proto'], scheme);
      assert.equal(response.headers['strict-transport-security'] !== undefined, scheme === 'https');
    } finally {
      await trusting.stop();
    }
  });
}
