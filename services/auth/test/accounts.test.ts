import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import { TOKEN_PROFILE } from '@wave-connect/contracts/token-profile.ts';
import type { TestService } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { jwtVerify } from 'jose';
import request from 'supertest';
import { anEmail, PASSWORD, SECRET, startAuth } from './support.ts';

let auth: TestService;

before(async () => {
  auth = await startAuth();
});
after(() => auth.stop());

const register = (email: string, password = PASSWORD) =>
  request(auth.url).post('/api/auth/register').send({ email, password });
const logIn = (email: string, password = PASSWORD) =>
  request(auth.url).post('/api/auth/login').send({ email, password });
const countUsers = async () => Number((await auth.database.query('SELECT count(*) FROM users')).rows[0].count);

test('registering returns 201 with the account, and stores no password', async () => {
  const email = anEmail();
  const { body } = await register(email).expect(201);
  assert.deepEqual(Object.keys(body).sort(), ['email', 'id', 'time_created']);
  assert.equal(body.email, email);
  const { rows } = await auth.database.query('SELECT * FROM users WHERE id = $1', [body.id]);
  assert.match(rows[0].password_hash, /^\$2[aby]\$04\$/);
  assert.doesNotMatch(JSON.stringify(rows), new RegExp(PASSWORD));
});

test('the account and its user-registered are stored together, and the relay takes the event away', async () => {
  const seen: string[] = [];
  const consumer = auth.bus.subscribe({
    topics: ['user-registered'],
    group: 'profile',
    handler: async ({ key, data }) => {
      assert.deepEqual(data, { user_id: key });
      seen.push(key);
    },
  });
  const { body } = await register(anEmail()).expect(201);
  await waitFor('the event', () => seen.includes(body.id), { deadlineMs: 20_000 });
  const outbox = async () => (await auth.database.query('SELECT 1 FROM outbox')).rowCount;
  await waitFor('an empty outbox', async () => (await outbox()) === 0, { deadlineMs: 20_000 });
  await consumer.stop();
});

test('an email is taken once, whatever its case: 409', async () => {
  const email = anEmail();
  await register(email).expect(201);
  await register(email.toUpperCase()).expect(409);
  await request(auth.url).post('/api/auth/register/').send({ email, password: PASSWORD }).expect(409);
});

test('of twenty who register one email at once, one succeeds', async () => {
  const email = anEmail();
  const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await register(email)).status));
  assert.equal(statuses.filter((status) => status === 201).length, 1);
  assert.equal(statuses.filter((status) => status === 409).length, 19);
});

test('two passwords that differ in Latin-1 are not equal: bodies are UTF-8', async () => {
  const send = (path: string, password: string, email: string) =>
    request(auth.url)
      .post(path)
      .set('Content-Type', 'application/json')
      .serialize((body: unknown) => body as string)
      .send(Buffer.from(JSON.stringify({ email, password }), 'latin1'));
  const email = anEmail();
  await send('/api/auth/register', 'passw\u00f6rd', email).expect(400);
  await register(email, 'passw\u00f6rd').expect(201);
  await send('/api/auth/login', 'passw\u00f6rd', email).expect(400);
  await register(anEmail(), 'passw\ufffdrd').expect(201);
});

test('signing in returns 202 with one access token in body, header and cookie', async () => {
  const email = anEmail();
  const { body: account } = await register(email).expect(201);
  const response = await logIn(email.toUpperCase()).expect(202);
  const { token, token_type, expires_in } = response.body;
  assert.equal(token_type, 'Bearer');
  assert.equal(response.headers.authorization, `Bearer ${token}`);
  assert.equal(response.headers['cache-control'], 'no-store');
  const [cookie = ''] = response.headers['set-cookie'] as unknown as string[];
  assert.ok(cookie.startsWith(`jwt=${token}; Max-Age=${expires_in}; Path=/;`), cookie);
  assert.match(cookie, /; HttpOnly; SameSite=Strict$/);
  const { payload, protectedHeader } = await jwtVerify(token, new TextEncoder().encode(SECRET));
  assert.deepEqual(protectedHeader, { alg: 'HS256', typ: 'at+jwt' });
  assert.equal(payload.sub, account.id);
  assert.equal(payload.iss, TOKEN_PROFILE.issuer);
  assert.equal(payload.aud, TOKEN_PROFILE.audience);
  assert.equal((payload.exp ?? 0) - (payload.iat ?? 0), expires_in);
});

test('behind TLS the cookie is Secure, is of this host alone, and replaces the one without', async () => {
  const email = anEmail();
  await register(email).expect(201);
  const response = await logIn(email).set('X-Forwarded-Proto', 'https').expect(202);
  const [cookie = '', before = ''] = response.headers['set-cookie'] as unknown as string[];
  assert.ok(cookie.startsWith(`__Host-jwt=${response.body.token}; Max-Age=`), cookie);
  assert.match(cookie, /; Path=\/; .*; HttpOnly; Secure; SameSite=Strict$/);
  assert.doesNotMatch(cookie, /Domain/i);
  assert.match(before, /^jwt=; Path=\/; Expires=Thu, 01 Jan 1970 /);
});

test('an unknown email and a wrong password get the same response', async () => {
  const email = anEmail();
  await register(email).expect(201);
  const wrong = await logIn(email, 'wrong password').expect(401);
  const unknown = await logIn(anEmail(), 'wrong password').expect(401);
  const { request_id: _one, ...first } = wrong.body;
  const { request_id: _two, ...second } = unknown.body;
  assert.deepEqual(first, second);
});

test('the caller is described to themselves', async () => {
  const email = anEmail();
  const { body: account } = await register(email).expect(201);
  for (const path of ['/api/auth/id/', '/api/auth/id']) {
    const { body } = await request(auth.url).get(path).set('X-User-ID', account.id).expect(200);
    assert.deepEqual(body, account);
  }
});

test('without a caller there is nothing to see', async () => {
  await request(auth.url).get('/api/auth/id/').expect(401);
  await request(auth.url).delete('/api/auth/').expect(401);
  await request(auth.url).get('/api/auth/id/').set('X-User-ID', 'me').expect(401);
});

test('a deleted account is gone: user-deleted follows, and its email is free again', async () => {
  const email = anEmail();
  const { body: account } = await register(email).expect(201);
  const deleted: unknown[] = [];
  const handler = async ({ data }: { data: unknown }) => void deleted.push(data);
  const consumer = auth.bus.subscribe({ topics: ['user-deleted'], group: 'profile', handler });
  const response = await request(auth.url).delete('/api/auth/').set('X-User-ID', account.id).expect(204);
  assert.match(String(response.headers['set-cookie']), /^jwt=; .*,__Host-jwt=; .*,refresh=; /);
  assert.equal(response.headers['clear-site-data'], '"cache", "storage"');
  await logIn(email).expect(401);
  await request(auth.url).get('/api/auth/id/').set('X-User-ID', account.id).expect(401);
  await request(auth.url).delete('/api/auth').set('X-User-ID', account.id).expect(401);
  await waitFor('user-deleted', () => deleted.length > 0, { deadlineMs: 20_000 });
  assert.deepEqual(deleted, [{ user_id: account.id }]);
  await consumer.stop();
  await register(email).expect(201);
});

const PADDED = 'ü'.repeat(36);

test('a password is good to its 72nd byte, and not beyond', async () => {
  const email = anEmail();
  await register(email, PADDED).expect(201);
  await logIn(email, PADDED).expect(202);
  await logIn(email, `${PADDED}x`).expect(401);
  const { body } = await register(anEmail(), `${PADDED}x`).expect(400);
  assert.deepEqual(body.errors, [{ path: '/body/password', message: 'must be at most 72 bytes in UTF-8' }]);
});

const json = (text: string) => ({ text, type: 'application/json' });
const account = (over: object) => json(JSON.stringify({ email: anEmail(), password: PASSWORD, ...over }));

for (const [name, { text, type }, status] of [
  ['malformed JSON', json('{"email":'), 400],
  ['no body', { text: '', type: 'application/json' }, 400],
  ['a body that is no object', json('[]'), 400],
  ['null', json('null'), 400],
  ['another content type', { text: 'email=a@b.co', type: 'application/x-www-form-urlencoded' }, 415],
  ['XML', { text: '<a/>', type: 'application/xml' }, 415],
  ['a missing field', json(`{"email":"${anEmail()}"}`), 400],
  ['an extra field', account({ admin: true }), 400],
  ['a number as password', account({ password: 12345678 }), 400],
  ['no email', account({ email: 'not an email' }), 400],
  ['an email of 300 characters', account({ email: `${'a'.repeat(290)}@example.com` }), 400],
  ['an empty password', account({ password: '' }), 400],
  ['a password of seven characters', account({ password: 'seven77' }), 400],
  ['a NUL in the password', account({ password: 'pass\0word' }), 400],
  ['a NUL in the email', account({ email: 'a\0@example.com' }), 400],
  ['a lone surrogate', json(`{"email":"${anEmail()}","password":"\\ud800abcdefgh"}`), 400],
  ['a lone surrogate as key', json(`{"email":"${anEmail()}","password":"${PASSWORD}","\\udfff":1}`), 400],
  ['a body of 1 MiB', account({ password: 'x'.repeat(1_048_576) }), 413],
] as [string, { text: string; type: string }, number][]) {
  for (const path of ['/api/auth/register', '/api/auth/login']) {
    test(`${name} at ${path}: ${status}, and nothing changes`, async () => {
      const users = await countUsers();
      const response = await request(auth.url).post(path).set('Content-Type', type).send(text);
      // Signing in takes any password, and just finds it wrong.
      const expected = path.endsWith('login') && name.startsWith('a password of') ? 401 : status;
      assert.equal(response.status, expected, response.text);
      assert.equal(response.type, 'application/problem+json');
      assert.equal(response.body.request_id, response.headers['x-request-id']);
      assert.equal(await countUsers(), users);
    });
  }
}

test('a method that a path does not have is a 405 that names those it has', async () => {
  const response = await request(auth.url).patch('/api/auth/register').expect(405);
  assert.equal(response.headers.allow, 'POST');
});

test('a path that is not there is a 404', async () => {
  await request(auth.url).get('/api/auth/nothing').set('X-User-ID', randomUUID()).expect(404);
  await request(auth.url).get('/elsewhere').expect(404);
});
