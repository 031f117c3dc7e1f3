import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import request from 'supertest';
import { aToken, exchange, parseProblem, startGateway, startUpstream, type Upstream } from '../support.ts';

const APP = 'https://app.example.org';

let upstream: Upstream;
let gateway: Service;
let behindProxy: Service;
let token: string;

before(async () => {
  upstream = await startUpstream();
  gateway = await startGateway(upstream.url, { CORS_ALLOWED_ORIGINS: APP });
  behindProxy = await startGateway(upstream.url, { TRUST_PROXY: 'true' });
  token = await aToken();
});
after(async () => {
  await gateway.stop();
  await behindProxy.stop();
  await upstream.close();
});
beforeEach(() => {
  upstream.requests.length = 0;
});

type Headers = Record<string, string>;
const own = (): Headers => ({ Host: 'wave.example', Cookie: `jwt=${token}` });

const upgrade = async (at: Service, headers: Headers): Promise<string> => {
  const all = { ...headers, Connection: 'Upgrade', Upgrade: 'websocket' };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return exchange(at.url, `GET /api/chat/ws HTTP/1.1\r\n${lines.join('')}\r\n`);
};

const FOREIGN: [string, Headers][] = [
  ['a page of another site', { 'Sec-Fetch-Site': 'cross-site', Origin: 'https://evil.example' }],
  ['a page of another name of this site', { 'Sec-Fetch-Site': 'same-site', Origin: 'https://blog.wave.example' }],
  ['a page whose browser hides its origin', { 'Sec-Fetch-Site': 'cross-site' }],
  ['a page of another site, in an older browser', { Origin: 'https://evil.example' }],
  ['a page of another port, in an older browser', { Origin: 'http://wave.example:81' }],
  ['a page without an origin, in an older browser', { Origin: 'null' }],
  ['a page of an origin that an allowed one begins', { Origin: `${APP}.evil.example` }],
  ['a page that claims another host', { Origin: 'https://evil.example', 'X-Forwarded-Host': 'evil.example' }],
];
const OWN: [string, Headers][] = [
  ['a page of this origin', { 'Sec-Fetch-Site': 'same-origin', Origin: 'http://wave.example' }],
  ['a page of this origin, in an older browser', { Origin: 'http://wave.example' }],
  ['a page of this origin, by TLS that ends in front', { Origin: 'https://wave.example' }],
  ['a page of an allowed origin', { 'Sec-Fetch-Site': 'cross-site', Origin: APP }],
  ['a person, by no page', { 'Sec-Fetch-Site': 'none' }],
  ['a client that is no browser', {}],
];

for (const [who, headers] of FOREIGN) {
  test(`${who} can neither write nor connect with the cookie`, async () => {
    const before = upstream.connections;
    const response = await request(gateway.url)
      .post('/api/feed/')
      .set({ ...own(), ...headers });
    assert.equal(response.status, 403);
    assert.equal(response.type, 'application/problem+json');
    assert.equal(response.body.type, '/problems/cross-site');
    const { status, problem } = parseProblem(await upgrade(gateway, { ...own(), ...headers }));
    assert.equal(status, 403);
    assert.equal(problem.type, '/problems/cross-site');
    assert.equal(upstream.connections, before);
  });
}

for (const [who, headers] of OWN) {
  test(`${who} can write and connect with the cookie`, async () => {
    for (const [method, path] of [
      ['post', '/api/feed/'],
      ['put', '/api/profile/'],
      ['delete', '/api/profile/'],
    ] as const) {
      await request(gateway.url)
        [method](path)
        .set({ ...own(), ...headers })
        .expect(200);
    }
    assert.match(await upgrade(gateway, { ...own(), ...headers }), /^HTTP\/1\.1 101 /);
  });
}

test('reading is left to the browser, which shows no page what it may not see', async () => {
  for (const [, headers] of FOREIGN) {
    await request(gateway.url)
      .get('/api/feed/')
      .set({ ...own(), ...headers })
      .expect(200);
  }
});

test('a Bearer token vouches for itself, even with a cookie beside it', async () => {
  for (const [, headers] of FOREIGN) {
    const both = { ...own(), Authorization: `Bearer ${token}`, ...headers };
    await request(gateway.url).post('/api/feed/').set(both).expect(200);
    assert.match(await upgrade(gateway, both), /^HTTP\/1\.1 101 /);
  }
});

test('other kinds of authorization vouch for nothing', async () => {
  const basic = { ...own(), Authorization: 'Basic YTpi', 'Sec-Fetch-Site': 'cross-site' };
  await request(gateway.url).post('/api/feed/').set(basic).expect(403);
});

test('a proxy in front may say by which host the client came', async () => {
  const inside = { ...own(), Host: 'gateway.svc:8080', Origin: 'https://wave.example' };
  const named = { ...inside, 'X-Forwarded-Host': 'wave.example' };
  await request(behindProxy.url).post('/api/feed/').set(named).expect(200);
  await request(behindProxy.url).post('/api/feed/').set(inside).expect(403);
});
