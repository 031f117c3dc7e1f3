import assert from 'node:assert/strict';
import { randomBytes, randomUUID } from 'node:crypto';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import request from 'supertest';
import { aToken, startGateway, startUpstream, type Upstream } from '../support.ts';

const PATH = '/api/auth/session/refresh';

/** As auth makes it: the beginning names the session, the end is another one each time. */
const aRefreshToken = (session: string = randomUUID()) =>
  Buffer.concat([Buffer.from(`01${session.replaceAll('-', '')}`, 'hex'), randomBytes(40)]).toString('base64url');

let upstream: Upstream;
let gateway: Service;

before(async () => {
  upstream = await startUpstream();
});
after(() => upstream.close());
beforeEach(() => {
  upstream.requests.length = 0;
});
afterEach(() => gateway.stop());

test('refreshing needs no access token, and the refresh cookie alone reaches auth', async () => {
  gateway = await startGateway(upstream.url);
  const refresh = aRefreshToken();
  const expired = await aToken({ payload: { exp: 1 } });
  await request(gateway.url)
    .post(PATH)
    .set({ Cookie: `theme=dark; jwt=${expired}; refresh=${refresh}`, Authorization: `Bearer ${expired}` })
    .set({ 'X-User-ID': randomUUID(), 'X-Session-ID': randomUUID() })
    .expect(200);
  const [{ headers } = assert.fail()] = upstream.requests;
  assert.equal(headers.cookie, `refresh=${refresh}`);
  for (const name of ['authorization', 'x-user-id', 'x-session-id']) assert.equal(headers[name], undefined, name);
});

test("another application's cookie of that name shadows no refresh token", async () => {
  gateway = await startGateway(upstream.url);
  const refresh = aRefreshToken();
  for (const cookies of [`refresh=other; refresh=${refresh}`, `refresh=${refresh}; refresh=other`]) {
    upstream.requests.length = 0;
    await request(gateway.url).post(PATH).set('Cookie', cookies).expect(200);
    assert.equal(upstream.requests[0]?.headers.cookie, `refresh=${refresh}`);
  }
  const several = `refresh=${refresh}; refresh=${aRefreshToken()}`;
  await request(gateway.url).post(PATH).set('Cookie', several).expect(401);
});

test('no other path gets to see the refresh cookie', async () => {
  gateway = await startGateway(upstream.url);
  const cookie = { Cookie: `jwt=${await aToken()}; refresh=${aRefreshToken()}` };
  await request(gateway.url).get('/api/auth/id/').set(cookie).expect(200);
  await request(gateway.url).post('/api/auth/login').set(cookie).send({}).expect(200);
  assert.deepEqual(
    upstream.requests.map(({ headers }) => headers.cookie),
    [undefined, undefined],
  );
});

test('CSRF: a page of another site cannot refresh by cookie, but a client with the token in the body can', async () => {
  gateway = await startGateway(upstream.url);
  const other = { 'Sec-Fetch-Site': 'cross-site' };
  await request(gateway.url)
    .post(PATH)
    .set({ ...other, Cookie: `refresh=${aRefreshToken()}` })
    .expect(403);
  assert.equal(upstream.requests.length, 0);
  await request(gateway.url).post(PATH).set(other).send({ refresh_token: aRefreshToken() }).expect(200);
});

test('refreshing is counted by session and not as signing in, so one session cannot keep another from it', async () => {
  gateway = await startGateway(upstream.url, {
    RATE_LIMIT: 'on',
    RATE_LIMIT_PER_MINUTE: '3',
    RATE_LIMIT_SIGN_IN_PER_MINUTE: '1',
  });
  const [first, second] = [randomUUID(), randomUUID()];
  const refresh = (session: string) =>
    request(gateway.url)
      .post(PATH)
      .set('Cookie', `refresh=${aRefreshToken(session)}`);
  for (const left of [2, 1, 0]) {
    const { headers } = await refresh(first).expect(200);
    assert.match(String(headers.ratelimit), new RegExp(`^"account";r=${left};t=\\d+$`));
  }
  await refresh(first).expect(429).expect('Retry-After', /\d/);
  await refresh(second).expect(200);
  await request(gateway.url).post('/api/auth/login').expect(200);
});

test('without a cookie the client address counts', async () => {
  gateway = await startGateway(upstream.url, { RATE_LIMIT: 'on', RATE_LIMIT_ADDRESS_PER_MINUTE: '2' });
  for (const status of [200, 200, 429]) {
    await request(gateway.url).post(PATH).send({ refresh_token: aRefreshToken() }).expect(status);
  }
});
