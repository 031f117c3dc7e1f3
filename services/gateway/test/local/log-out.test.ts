import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import request from 'supertest';
import { aToken, startGateway, startUpstream, type Upstream } from '../support.ts';

const GONE = 'jwt=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT; HttpOnly';
const REFRESH_GONE = GONE.replace('jwt=; Path=/;', 'refresh=; Path=/api/auth/session;');
const HOST_COOKIE_GONE = `__Host-${GONE}; Secure; SameSite=Strict`;

let upstream: Upstream;
let gateway: Service;

before(async () => {
  upstream = await startUpstream();
  gateway = await startGateway(upstream.url, { TRUST_PROXY: 'true' });
});
after(async () => {
  await gateway.stop();
  await upstream.close();
});

for (const [who, token] of [
  ['with a valid token', () => aToken()],
  ['whose token has expired', () => aToken({ payload: { exp: 1 } })],
  ['with no token at all', () => undefined],
] as const) {
  test(`a client ${who} can log out, and no service hears of it`, async () => {
    for (const path of ['/api/auth/logout', '/api/auth/logout/']) {
      const sent = await token();
      const asking = request(gateway.url).post(path);
      const response = await (sent ? asking.set('Cookie', `jwt=${sent}`) : asking).expect(204);
      assert.deepEqual(response.headers['set-cookie'], [
        `${GONE}; SameSite=Strict`,
        HOST_COOKIE_GONE,
        `${REFRESH_GONE}; SameSite=Strict`,
      ]);
    }
    assert.equal(upstream.connections, 0);
  });
}

test('the cookies are cleared as they were set, Secure behind TLS', async () => {
  const response = await request(gateway.url).post('/api/auth/logout').set('X-Forwarded-Proto', 'https').expect(204);
  assert.deepEqual(response.headers['set-cookie'], [
    `${GONE}; Secure; SameSite=Strict`,
    HOST_COOKIE_GONE,
    `${REFRESH_GONE}; Secure; SameSite=Strict`,
  ]);
});

test('CSRF cannot log a person out', async () => {
  const response = await request(gateway.url).post('/api/auth/logout').set('Sec-Fetch-Site', 'cross-site').expect(403);
  assert.equal(response.body.type, '/problems/cross-site');
  assert.equal(response.headers['set-cookie'], undefined);
});

test('signing out is limited by address', async () => {
  const limited = await startGateway(upstream.url, { RATE_LIMIT: 'on', RATE_LIMIT_ADDRESS_PER_MINUTE: '1' });
  try {
    await request(limited.url).post('/api/auth/logout').expect(204);
    await request(limited.url).post('/api/auth/logout').expect(429).expect('Retry-After', /\d/);
  } finally {
    await limited.stop();
  }
});

test('other methods of that path are none', async () => {
  for (const method of ['get', 'delete', 'patch'] as const) {
    await request(gateway.url)[method]('/api/auth/logout').expect(405).expect('Allow', 'POST');
  }
});
