import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, beforeEach, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import { UnsecuredJWT } from 'jose';
import request from 'supertest';
import { readGatewayConfig } from '../../src/config.ts';
import { aToken, SECRET, startGateway, startUpstream, type Upstream, USER } from '../support.ts';

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

const seconds = () => Math.floor(Date.now() / 1_000);
const REFUSED: [string, () => Promise<string>][] = [
  ['no token at all', async () => ''],
  ['something that is no token', async () => 'a.b.c'],
  ['a token signed with another secret', () => aToken({ secret: SECRET.replace(/./g, 'x') })],
  ['an expired token', () => aToken({ payload: { exp: seconds() - 1 } })],
  ['a token that never expires', () => aToken({ payload: { exp: undefined } as never })],
  ['a token not yet valid', () => aToken({ payload: { nbf: seconds() + 60 } })],
  ['a token of another issuer', () => aToken({ payload: { iss: 'somebody-else' } })],
  ['a token for another audience', () => aToken({ payload: { aud: 'another-api' } })],
  ['a token without a subject', () => aToken({ payload: { sub: undefined } as never })],
  ['a token whose subject is no user id', () => aToken({ payload: { sub: 'admin' } })],
  ['a token of another type', () => aToken({ typ: 'JWT' })],
  ['a token of another algorithm', () => aToken({ alg: 'HS512' })],
  ['a token without a signature', async () => new UnsecuredJWT({ sub: USER, exp: seconds() + 60 }).encode()],
  ['a token of 5,000 characters', async () => 'x'.repeat(5_000)],
];

for (const [name, make] of REFUSED) {
  test(`${name} is refused, and no byte reaches the service`, async () => {
    const before = upstream.connections;
    const token = await make();
    const response = await request(gateway.url)
      .get('/api/feed/')
      .set(token === '' ? {} : { Authorization: `Bearer ${token}` });
    assert.equal(response.status, 401);
    assert.equal(response.type, 'application/problem+json');
    assert.equal(response.body.request_id, response.headers['x-request-id']);
    assert.equal(upstream.connections, before);
    assert.equal(upstream.requests.length, 0);
  });
}

test('a valid token names its user to the service, whatever the client says of itself', async () => {
  await request(gateway.url)
    .get('/api/feed/')
    .set({ Authorization: `Bearer ${await aToken()}`, 'X-User-ID': randomUUID() })
    .expect(200);
  assert.equal(upstream.requests[0]?.headers['x-user-id'], USER);
  assert.equal(upstream.requests[0]?.rawHeaders.filter((name) => name.toLowerCase() === 'x-user-id').length, 1);
});

test('the session of the token is named to the service, whatever the client says, and an older token names none', async () => {
  const session = randomUUID();
  const claimed = { 'X-Session-ID': randomUUID(), 'X-Client-Address': '192.0.2.1' };
  for (const [token, expected] of [
    [await aToken({ payload: { sid: session } }), session],
    [await aToken(), undefined],
  ] as const) {
    upstream.requests.length = 0;
    await request(gateway.url)
      .get('/api/feed/')
      .set({ Authorization: `Bearer ${token}`, ...claimed })
      .expect(200);
    const [{ headers } = assert.fail()] = upstream.requests;
    assert.equal(headers['x-session-id'], expected);
    assert.equal(headers['x-client-address'], '127.0.0.1');
  }
});

test('the cookie carries a token where the header does not, and the header comes first', async () => {
  const cookie = { Cookie: `theme=dark; jwt=${await aToken()}` };
  await request(gateway.url).get('/api/feed/').set(cookie).expect(200);
  assert.equal(upstream.requests[0]?.headers['x-user-id'], USER);
  await request(gateway.url)
    .get('/api/feed/')
    .set({ ...cookie, Authorization: 'Bearer broken' })
    .expect(401);
});

test('each cookie of a name that carries tokens is tried, whatever stands before ours', async () => {
  const ours = await aToken();
  const foreign = await aToken({ secret: 'f'.repeat(32), payload: { sub: randomUUID() } });
  const expired = await aToken({ payload: { exp: seconds() - 1, sub: randomUUID() } });
  for (const cookie of [
    `__Host-jwt=${ours}`,
    `jwt=${foreign}; jwt=${ours}`,
    `jwt=${ours}; jwt=${foreign}`,
    `jwt=; jwt=${expired}; jwt=garbage; theme=dark; jwt=${ours}`,
    `jwt=${foreign}; __Host-jwt=${ours}`,
    `__Host-jwt=${expired}; jwt=${ours}`,
    `__Host-jwt=${ours}; jwt=${ours}`,
    `jwt=${await aToken({ payload: { exp: seconds() + 99 } })}; jwt=${ours}`,
  ]) {
    await request(gateway.url).get('/api/feed/').set('Cookie', cookie).expect(200);
    assert.equal(upstream.requests.at(-1)?.headers['x-user-id'], USER, cookie);
  }
  for (const cookie of [`jwt=${foreign}; jwt=${expired}`, `x-jwt=${ours}`, `JWT=${ours}`, `x=a jwt=${ours}`]) {
    await request(gateway.url).get('/api/feed/').set('Cookie', cookie).expect(401);
  }
});

test('valid cookies of two people are refused, whichever comes first', async () => {
  const ours = await aToken();
  const other = await aToken({ payload: { sub: randomUUID() } });
  for (const [one, two] of [
    [`jwt=${ours}`, `jwt=${other}`],
    [`__Host-jwt=${ours}`, `jwt=${other}`],
    [`jwt=garbage; jwt=${ours}`, `__Host-jwt=${other}`],
  ]) {
    for (const cookie of [`${one}; ${two}`, `${two}; ${one}`]) {
      const { body } = await request(gateway.url).get('/api/feed/').set('Cookie', cookie).expect(401);
      assert.match(body.detail, /different people/);
    }
    const Authorization = `Bearer ${ours}`;
    await request(gateway.url)
      .get('/api/feed/')
      .set({ Cookie: `${one}; ${two}`, Authorization })
      .expect(200);
  }
  assert.ok(upstream.requests.every(({ headers }) => headers['x-user-id'] === USER));
});

test('services learn the address of the client from the gateway alone', async () => {
  const claimed = { 'X-Client-Address': '203.0.113.9', 'X-Forwarded-For': '203.0.113.7' };
  const told = () => upstream.requests.at(-1)?.headersDistinct['x-client-address'];
  await request(gateway.url).post('/api/auth/login').set(claimed).send({}).expect(200);
  assert.deepEqual(told(), ['127.0.0.1']);
  await request(gateway.url)
    .get('/api/feed/')
    .set({ ...claimed, Authorization: `Bearer ${await aToken()}` })
    .expect(200);
  assert.deepEqual(told(), ['127.0.0.1']);
  const behindProxy = await startGateway(upstream.url, { TRUST_PROXY: 'true' });
  await request(behindProxy.url).post('/api/auth/login').set(claimed).send({}).expect(200);
  assert.deepEqual(told(), ['203.0.113.7']);
  await behindProxy.stop();
});

test('registering and signing in need no token, and cannot bring an identity along', async () => {
  for (const path of ['/api/auth/register', '/api/auth/register/', '/api/auth/login', '/api/auth/login/']) {
    await request(gateway.url).post(path).set('X-User-ID', randomUUID()).send({}).expect(200);
    assert.equal(upstream.requests.at(-1)?.headers['x-user-id'], undefined);
  }
});

test('a verified token is not remembered beyond its expiry', async () => {
  const token = await aToken({ payload: { exp: seconds() + 1 } });
  const ask = async () => (await request(gateway.url).get('/api/feed/').set('Authorization', `Bearer ${token}`)).status;
  let status = await ask();
  assert.equal(status, 200);
  while (status === 200) status = await ask();
  assert.equal(status, 401);
  assert.ok(Date.now() / 1_000 < seconds() + 3);
});

test('while the secret is being replaced, tokens of the one before are good, and of none older', async () => {
  const [before, older] = ['b'.repeat(32), 'o'.repeat(32)];
  const replacing = await startGateway(upstream.url, { JWT_SECRET_PREVIOUS: before });
  const ask = async (at: Service, secret: string) =>
    (
      await request(at.url)
        .get('/api/feed/')
        .set('Authorization', `Bearer ${await aToken({ secret })}`)
    ).status;
  try {
    assert.equal(await ask(replacing, SECRET), 200);
    assert.equal(await ask(replacing, before), 200);
    assert.equal(upstream.requests.at(-1)?.headers['x-user-id'], USER);
    assert.equal(await ask(replacing, older), 401);
    assert.equal(await ask(gateway, before), 401);
  } finally {
    await replacing.stop();
  }
});

test('the secret before is held to the same rules', async () => {
  const before = 'b'.repeat(32);
  assert.throws(() => readGatewayConfig({ JWT_SECRET: SECRET, JWT_SECRET_PREVIOUS: 'short' }), /JWT_SECRET_PREVIOUS/);
  const replacing = await startGateway(upstream.url, { JWT_SECRET_PREVIOUS: before });
  try {
    const expired = await aToken({ secret: before, payload: { exp: seconds() - 1 } });
    const { body } = await request(replacing.url)
      .get('/api/feed/')
      .set('Authorization', `Bearer ${expired}`)
      .expect(401);
    assert.match(body.detail, /expired/);
  } finally {
    await replacing.stop();
  }
});

test('a token that was verified, and is remembered, is worth nothing once its secret is gone', async () => {
  const before = 'b'.repeat(32);
  const token = await aToken({ secret: before });
  const statusesUnder = async (env: Record<string, string>) => {
    const each = await startGateway(upstream.url, env);
    try {
      const ask = () => request(each.url).get('/api/feed/').set('Authorization', `Bearer ${token}`);
      return [(await ask()).status, (await ask()).status];
    } finally {
      await each.stop();
    }
  };
  assert.deepEqual(await statusesUnder({ JWT_SECRET: before }), [200, 200]);
  assert.deepEqual(await statusesUnder({ JWT_SECRET_PREVIOUS: before }), [200, 200]);
  assert.deepEqual(await statusesUnder({}), [401, 401]);
});
