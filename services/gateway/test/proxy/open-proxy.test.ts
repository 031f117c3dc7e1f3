import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import { readGatewayConfig } from '../../src/config.ts';
import { aToken, exchange, SECRET, startGateway, startUpstream, type Upstream } from '../support.ts';

const SERVICES = ['auth', 'chat', 'feed', 'profile'] as const;

/** What only the four services may ever hear from the gateway. */
let elsewhere: Upstream;
let services: Record<(typeof SERVICES)[number], Upstream>;
let gateway: Service;
let token: string;

before(async () => {
  const started = await Promise.all(SERVICES.map(async (name) => [name, await startUpstream()] as const));
  services = Object.fromEntries(started) as typeof services;
  elsewhere = await startUpstream();
  const urls = started.map(([name, { url }]) => [`${name.toUpperCase()}_SERVICE_URL`, url]);
  gateway = await startGateway(elsewhere.url, Object.fromEntries(urls));
  token = await aToken();
});
after(async () => {
  await gateway.stop();
  await Promise.all([elsewhere, ...Object.values(services)].map((each) => each.close()));
});
beforeEach(() => {
  for (const each of Object.values(services)) each.requests.length = 0;
});

async function send(startLine: string, headers: string[] = ['Host: x']): Promise<string> {
  const lines = [startLine, ...headers, `Authorization: Bearer ${token}`, 'Connection: close'];
  return exchange(gateway.url, `${lines.join('\r\n')}\r\n\r\n`);
}

/** `AT` is where another server listens. */
const NOWHERE = [
  'GET http://AT/api/feed/ HTTP/1.1',
  'GET http://AT/ HTTP/1.1',
  'GET http://x@AT/api/feed/ HTTP/1.1',
  'GET http://user:password@AT/api/feed/ HTTP/1.1',
  'GET ws://AT/api/chat/ws HTTP/1.1',
  'GET //AT/api/feed/ HTTP/1.1',
  'GET //x@AT/api/feed/ HTTP/1.1',
  'GET ///AT/api/feed/ HTTP/1.1',
  'GET /\\AT/api/feed/ HTTP/1.1',
  'GET @AT/api/feed/ HTTP/1.1',
  'GET AT/api/feed/ HTTP/1.1',
  'GET /http://AT/api/feed/ HTTP/1.1',
  'GET /api/http://AT/ HTTP/1.1',
  'GET /api//AT/feed/ HTTP/1.1',
  'GET /api/@AT/ HTTP/1.1',
  'GET /api/feed@AT/ HTTP/1.1',
  'GET /api/feed.AT/ HTTP/1.1',
  'GET /api/feed:80/ HTTP/1.1',
  'GET /api%2ffeed/ HTTP/1.1',
  'GET /api/feed%2f HTTP/1.1',
  'GET /%61pi/feed/ HTTP/1.1',
  'GET /api/%66eed/ HTTP/1.1',
  'GET /./api/feed/ HTTP/1.1',
  'GET /api/./feed/ HTTP/1.1',
  'GET /api/../metrics HTTP/1.1',
  'GET /x/../api/feed/ HTTP/1.1',
  'GET /%2e%2e/metrics HTTP/1.1',
  'GET /api/feed;x/ HTTP/1.1',
  'GET /api/feed/../auth/login HTTP/1.1',
  'GET /api/feed/%2e%2e/auth/login HTTP/1.1',
  'GET /api/feed/.. HTTP/1.1',
  'GET /api/feed//AT/ HTTP/1.1',
  'GET /api/feed/http://AT/ HTTP/1.1',
  'GET /metrics HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'CONNECT AT HTTP/1.1',
  'CONNECT AT:443 HTTP/1.1',
  'TRACE http://AT/ HTTP/1.1',
];

for (const line of NOWHERE) {
  test(`${line} reaches no server`, async () => {
    const response = await send(line.replace('AT', new URL(elsewhere.url).host));
    assert.match(response, /^HTTP\/1\.1 40[045] /);
    assert.match(response, /application\/problem\+json/);
    assert.equal(elsewhere.connections, 0);
    for (const each of Object.values(services)) assert.equal(each.requests.length, 0);
  });
}

/** A parameter is the service's own affair, and arrives as it was sent. */
const FEEDS_OWN = [
  '/api/feed/..%2fmetrics',
  '/api/feed/@AT',
  '/api/feed/?url=http://AT/',
  '/api/feed?@AT/',
  '/api/feed/%00',
];

for (const path of FEEDS_OWN) {
  test(`${path} reaches the feed and no other server`, async () => {
    const target = path.replace('AT', new URL(elsewhere.url).host);
    assert.match(await send(`GET ${target} HTTP/1.1`), /^HTTP\/1\.1 200 /);
    assert.deepEqual(
      services.feed.requests.map(({ url }) => url),
      [target],
    );
    for (const name of ['auth', 'chat', 'profile'] as const) assert.equal(services[name].requests.length, 0);
    assert.equal(elsewhere.connections, 0);
  });
}

const READ = {
  auth: '/api/auth/id/',
  chat: '/api/chat/conversation',
  feed: '/api/feed/',
  profile: '/api/profile/username/ada',
};

for (const name of SERVICES) {
  test(`${READ[name]} reaches ${name} alone, whatever host is asked for`, async () => {
    const { host } = new URL(elsewhere.url);
    for (const headers of [
      [`Host: ${host}`],
      [`Host: user@${host}`],
      ['Host: x', `X-Forwarded-Host: ${host}`, `Forwarded: host=${host}`, `X-Original-URL: http://${host}/`],
      ['Host: x', `X-Forwarded-Server: ${host}`, `X-Rewrite-URL: /metrics`, 'X-HTTP-Method-Override: DELETE'],
    ]) {
      assert.match(await send(`GET ${READ[name]} HTTP/1.1`, headers), /^HTTP\/1\.1 200 /);
      const seen = services[name].requests.pop();
      assert.equal(seen?.url, READ[name]);
      assert.equal(seen?.method, 'GET');
      for (const header of ['x-forwarded-host', 'forwarded', 'x-original-url', 'x-http-method-override']) {
        assert.equal(seen?.headers[header], undefined);
      }
    }
    for (const other of SERVICES) assert.equal(services[other].requests.length, 0);
    assert.equal(elsewhere.connections, 0);
  });
}

test('an upgrade is not led elsewhere either', async () => {
  const { host } = new URL(elsewhere.url);
  for (const target of [
    `http://${host}/api/chat/ws`,
    `//${host}/api/chat/ws`,
    '/api/chat/../chat/ws',
    '/api/chat/ws/x',
  ]) {
    const headers = [`Host: ${host}`, 'Upgrade: websocket', 'Connection: Upgrade'];
    const lines = [`GET ${target} HTTP/1.1`, ...headers, `Authorization: Bearer ${token}`];
    assert.match(await exchange(gateway.url, `${lines.join('\r\n')}\r\n\r\n`), /^HTTP\/1\.1 40[04] /);
  }
  assert.equal(services.chat.requests.length, 0);
  assert.equal(elsewhere.connections, 0);
});

test('a service is an origin: no path, name or password of it is ever called', () => {
  const { services: read } = readGatewayConfig({ JWT_SECRET: SECRET, FEED_SERVICE_URL: 'http://u:p@feed:8083/x?y' });
  assert.equal(read.feed, 'http://feed:8083');
});
