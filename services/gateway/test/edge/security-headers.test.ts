import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import request from 'supertest';
import { aToken, exchange, startGateway, startUpstream, type Upstream } from '../support.ts';

const STRICT = "default-src 'none';frame-ancestors 'none'";
const OF_A_SERVICE = {
  Server: 'feed/1.0',
  'X-Powered-By': 'Express',
  'X-Debug-Host': 'feed-7f9c',
  'Access-Control-Allow-Origin': '*',
  'Keep-Alive': 'timeout=1',
};
const OF_AN_AVATAR = {
  'Content-Type': 'image/png',
  'Cache-Control': 'private, no-cache',
  ETag: '"abc"',
  'X-Content-Type-Options': 'nosniff',
};

let upstream: Upstream;
let gateway: Service;
let bearer: { Authorization: string };

before(async () => {
  upstream = await startUpstream((_req, res) => {
    res.writeHead(200, { ...OF_A_SERVICE, ...OF_AN_AVATAR, 'Set-Cookie': ['jwt=1; HttpOnly', 'b=2'] }).end('png');
  });
  gateway = await startGateway(upstream.url);
  bearer = { Authorization: `Bearer ${await aToken()}` };
});
after(async () => {
  await gateway.stop();
  await upstream.close();
});

function assertSecure(headers: Record<string, unknown>, policy = STRICT): void {
  assert.equal(headers['content-security-policy'], policy);
  assert.equal(headers['x-content-type-options'], 'nosniff');
  assert.equal(headers['referrer-policy'], 'no-referrer');
  assert.equal(headers['x-frame-options'], 'DENY');
  assert.equal(headers['strict-transport-security'], undefined);
  assert.equal(headers['x-powered-by'], undefined);
}

for (const path of ['/livez', '/nowhere', '/api/feed/', '/openapi.yaml']) {
  test(`the gateway's own response at ${path} may load nothing, and no page may frame it`, async () => {
    assertSecure((await request(gateway.url).get(path)).headers);
  });
}

test('the response of a service gets the same, keeps what is its own, and loses what it tells of the service', async () => {
  const { headers } = await request(gateway.url).get('/api/profile/avatar/x').set(bearer).expect(200);
  assertSecure(headers);
  for (const [name, value] of Object.entries(OF_AN_AVATAR)) assert.equal(headers[name.toLowerCase()], value);
  assert.deepEqual(headers['set-cookie'], ['jwt=1; HttpOnly', 'b=2']);
  for (const name of ['server', 'x-powered-by', 'x-debug-host', 'access-control-allow-origin']) {
    assert.equal(headers[name], undefined, name);
  }
  assert.notEqual(headers['keep-alive'], 'timeout=1');
});

test('a client that asks for the connection to be closed after a forwarded response gets that', async () => {
  const lines = ['GET /api/feed/ HTTP/1.1', 'Host: x', 'Connection: close', `Authorization: ${bearer.Authorization}`];
  assert.match(await exchange(gateway.url, `${lines.join('\r\n')}\r\n\r\n`), /\r\nconnection: close\r\n/i);
});

test('the page of the contract keeps its own policy', async () => {
  const { headers } = await request(gateway.url).get('/docs').expect(200);
  assert.match(String(headers['content-security-policy']), /script-src 'self'/);
  assert.match(String(headers['content-security-policy']), /frame-ancestors 'none'/);
});

test('a refused upgrade and a refused connection have them too', async () => {
  for (const lines of ['GET /nowhere HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket', 'BREW /']) {
    const response = await exchange(gateway.url, `${lines}\r\n\r\n`);
    assert.match(response, /^content-security-policy: default-src 'none';frame-ancestors 'none'\r$/m);
    assert.match(response, /^x-content-type-options: nosniff\r$/m);
  }
});

test('a browser is told to insist on TLS only where it came by TLS, on the word of a trusted proxy', async () => {
  const https = { 'X-Forwarded-Proto': 'https' };
  const behind = await startGateway(upstream.url, { TRUST_PROXY: 'true' });
  try {
    const { headers } = await request(behind.url).get('/livez').set(https);
    assert.match(String(headers['strict-transport-security']), /^max-age=\d{8}/);
    assertSecure((await request(behind.url).get('/livez')).headers);
    assertSecure((await request(gateway.url).get('/livez').set(https)).headers);
  } finally {
    await behind.stop();
  }
});
