import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import request from 'supertest';
import { aToken, SECRET, startGateway, startUpstream, type Upstream, USER } from '../support.ts';

const PATH = '/api/auth/logout';
const SESSION = randomUUID();
const GONE = 'Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly';
const cleared = (secure = '') => [
  `jwt=; Path=/; ${GONE}; ${secure}SameSite=Strict`,
  `__Host-jwt=; Path=/; ${GONE}; Secure; SameSite=Strict`,
  `refresh=; Path=/api/auth/session; ${GONE}; ${secure}SameSite=Strict`,
];

let upstream: Upstream;
let gateway: Service;
/** Whose auth is away. */
let alone: Service;

before(async () => {
  upstream = await startUpstream((_req, res) => res.writeHead(204).end());
  gateway = await startGateway(upstream.url, { TRUST_PROXY: 'true' });
  alone = await startGateway('http://127.0.0.1:1');
});
after(async () => {
  await gateway.stop();
  await alone.stop();
  await upstream.close();
});
beforeEach(() => {
  upstream.requests.length = 0;
});

const tokens = {
  valid: () => aToken({ payload: { sid: SESSION } }),
  expired: () => aToken({ payload: { sid: SESSION, exp: 1 } }),
  forged: () => aToken({ payload: { sid: SESSION }, secret: SECRET.replace(/./g, 'x') }),
  withoutSession: () => aToken(),
};
const byCookie = async (name: keyof typeof tokens) => ({ Cookie: `jwt=${await tokens[name]()}` });
const byHeader = async (name: keyof typeof tokens) => ({ Authorization: `Bearer ${await tokens[name]()}` });

for (const name of ['valid', 'expired'] as const) {
  test(`auth learns which session signs out by a token that is ${name}, and the cookies are cleared`, async () => {
    for (const headers of [await byCookie(name), await byHeader(name)]) {
      for (const path of [PATH, `${PATH}/`, `${PATH}?scope=global`]) {
        const response = await request(gateway.url).post(path).set(headers).expect(204);
        assert.deepEqual(response.headers['set-cookie'], cleared());
        assert.equal(upstream.requests.at(-1)?.headers['x-session-id'], SESSION);
        assert.equal(upstream.requests.at(-1)?.headers['x-user-id'], USER);
      }
    }
  });
}

test('without a genuine token no session is named, whatever the client says', async () => {
  for (const headers of [{}, await byHeader('forged'), await byCookie('forged')]) {
    await request(gateway.url).post(PATH).set(headers).set('X-Session-ID', SESSION).set('X-User-ID', USER).expect(204);
    assert.equal(upstream.requests.at(-1)?.headers['x-session-id'], undefined);
    assert.equal(upstream.requests.at(-1)?.headers['x-user-id'], undefined);
  }
});

test('an expired token is good for nothing else', async () => {
  await request(gateway.url)
    .get('/api/auth/id/')
    .set(await byHeader('expired'))
    .expect(401);
});

test('the cookies are cleared as they were set, Secure behind TLS, and stay where others end', async () => {
  const response = await request(gateway.url).post(PATH).set('X-Forwarded-Proto', 'https').expect(204);
  assert.deepEqual(response.headers['set-cookie'], cleared('Secure; '));
  const others = await request(gateway.url)
    .post(`${PATH}?scope=others`)
    .set(await byCookie('valid'))
    .expect(204);
  assert.equal(others.headers['set-cookie'], undefined);
});

test('while auth is away the cookies are cleared, and no session is said to have ended that has not', async () => {
  for (const [headers, query, status] of [
    [{}, '', 204],
    [await byCookie('valid'), '', 204],
    [await byCookie('expired'), '?scope=local', 204],
    [await byHeader('withoutSession'), '', 204],
    [await byHeader('valid'), '', 502],
    [await byCookie('valid'), '?scope=global', 502],
  ] as const) {
    const response = await request(alone.url).post(`${PATH}${query}`).set(headers);
    assert.ok(response.status === status || (status === 502 && response.status === 503), `${response.status}`);
    assert.deepEqual(response.headers['set-cookie'], cleared());
    assert.equal(response.headers['cache-control'], 'no-store');
    const forgets = response.status === 204 ? '"cache", "storage"' : undefined;
    assert.equal(response.headers['clear-site-data'], forgets);
  }
});

test('CSRF cannot log a person out', async () => {
  const response = await request(gateway.url).post(PATH).set('Sec-Fetch-Site', 'cross-site').expect(403);
  assert.equal(response.body.type, '/problems/cross-site');
  assert.equal(response.headers['set-cookie'], undefined);
});

test('signing out is limited by address', async () => {
  const limited = await startGateway(upstream.url, { RATE_LIMIT: 'on', RATE_LIMIT_ADDRESS_PER_MINUTE: '1' });
  try {
    await request(limited.url).post(PATH).expect(204);
    await request(limited.url).post(PATH).expect(429).expect('Retry-After', /\d/);
  } finally {
    await limited.stop();
  }
});

test('other methods of that path are none', async () => {
  for (const method of ['get', 'delete', 'patch'] as const) {
    await request(gateway.url)[method](PATH).expect(405).expect('Allow', 'POST');
  }
});
