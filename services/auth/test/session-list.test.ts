import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service/base';
import type { TestService } from '@wave-connect/dev-env/testing';
import request from 'supertest';
import { aSession, PASSWORD, refresh, signIn, startAuth, startReplica, type Tokens } from './support.ts';

const NEW_PASSWORD = 'another horse battery';

let auth: TestService;
/** On the same database. */
let replica: Service;

before(async () => {
  auth = await startAuth();
  replica = await startReplica(auth);
});
after(async () => {
  await replica.stop();
  await auth.stop();
});

/** Headers as the gateway sets them. */
const as = (userId: string, session?: Tokens) => ({
  'X-User-ID': userId,
  'X-Client-Address': '203.0.113.7',
  ...(session && { 'X-Session-ID': session.session_id }),
});
const list = (userId: string, session?: Tokens, query = '') =>
  request(auth.url).get(`/api/auth/session/${query}`).set(as(userId, session)).expect(200);

const isLive = async ({ refresh_token }: Tokens) => (await refresh(replica, refresh_token)).status === 200;

/** An account with three sessions. */
async function threeSessions() {
  const first = await aSession(auth);
  const second = await signIn(replica, first.email);
  const third = await signIn(auth, first.email);
  return { ...first, sessions: [first, second, third] as const };
}

test('one sees their own sessions, newest first, page by page', async () => {
  const first = await aSession(auth);
  await aSession(auth);
  const { body: second } = await request(auth.url)
    .post('/api/auth/login')
    .set({ 'User-Agent': 'a browser', 'X-Client-Address': '2001:db8::7' })
    .send({ email: first.email, password: PASSWORD })
    .expect(202);
  const { body } = await list(first.userId, second);
  assert.deepEqual(
    body.items.map(({ id, current }: { id: string; current: boolean }) => ({ id, current })),
    [
      { id: second.session_id, current: true },
      { id: first.session_id, current: false },
    ],
  );
  assert.equal(body.items[0].user_agent, 'a browser');
  assert.equal(body.items[0].address, '2001:db8::7');
  assert.equal(body.next_cursor, null);
  const { body: page } = await list(first.userId, undefined, '?limit=1');
  const { body: next } = await list(first.userId, undefined, `?limit=1&cursor=${page.next_cursor}`);
  assert.deepEqual([page.items[0].id, next.items[0].id], [second.session_id, first.session_id]);
  assert.equal(next.next_cursor, null);
});

test('one ends one of their sessions, and no other person can', async () => {
  const { userId, sessions } = await threeSessions();
  const path = `/api/auth/session/${sessions[1].session_id}`;
  await request(auth.url).delete(path).set(as(randomUUID())).expect(404);
  await request(auth.url).delete(path).set(as(userId, sessions[0])).expect(204);
  await request(replica.url).delete(path).set(as(userId, sessions[0])).expect(404);
  assert.deepEqual(await Promise.all(sessions.map(isLive)), [true, false, true]);
});

for (const [scope, live] of [
  ['', [true, false, true]],
  ['?scope=local', [true, false, true]],
  ['?scope=others', [false, true, false]],
  ['?scope=global', [false, false, false]],
] as const) {
  test(`signing out with ${scope || 'no scope'} ends the right sessions`, async () => {
    const { sessions } = await threeSessions();
    const bystander = await aSession(auth);
    const response = await request(replica.url)
      .post(`/api/auth/logout${scope}`)
      .set('X-Session-ID', sessions[1].session_id)
      .expect(204);
    assert.equal(response.headers['set-cookie']?.length, scope === '?scope=others' ? undefined : 3);
    assert.deepEqual(await Promise.all(sessions.map(isLive)), live);
    assert.ok(await isLive(bystander));
    await request(replica.url).post('/api/auth/logout').set('X-Session-ID', sessions[1].session_id).expect(204);
  });
}

test('signing out works without a session, and refuses an unknown scope', async () => {
  const response = await request(auth.url).post('/api/auth/logout').expect(204);
  assert.match(String(response.headers['set-cookie']), /^jwt=;.*,__Host-jwt=;.*,refresh=;/);
  await request(auth.url).post('/api/auth/logout?scope=everything').expect(400);
});

test('a new password ends all other sessions, and the old one signs in no more', async () => {
  const { userId, email, sessions } = await threeSessions();
  const change = (body: object) => request(auth.url).put('/api/auth/password/').set(as(userId, sessions[1])).send(body);
  await change({ current_password: 'wrong', password: NEW_PASSWORD }).expect(403);
  await change({ current_password: PASSWORD, password: 'short' }).expect(400);
  await change({ current_password: PASSWORD, password: 'ü'.repeat(37) }).expect(400);
  assert.deepEqual(await Promise.all(sessions.slice(1).map(isLive)), [true, true]);
  await change({ current_password: PASSWORD, password: NEW_PASSWORD }).expect(204);
  assert.deepEqual(await Promise.all([sessions[0], sessions[2]].map(isLive)), [false, false]);
  const { body } = await list(userId, sessions[1]);
  assert.deepEqual(
    body.items.map(({ id }: { id: string }) => id),
    [sessions[1].session_id],
  );
  await request(auth.url).post('/api/auth/login').send({ email, password: PASSWORD }).expect(401);
  await request(auth.url).post('/api/auth/login').send({ email, password: NEW_PASSWORD }).expect(202);
});

test('wrong current passwords are counted as at login', async () => {
  const { userId, ...session } = await aSession(auth);
  const change = (current_password: string) =>
    request(auth.url)
      .put('/api/auth/password/')
      .set(as(userId, session))
      .send({ current_password, password: NEW_PASSWORD });
  for (let tries = 0; tries < 10; tries += 1) await change('wrong').expect(403);
  await change(PASSWORD).expect(429).expect('Retry-After', /\d/);
});

test('a session that begins with the old password beside the change does not survive it', async () => {
  const first = await aSession(auth);
  const signingIn = Array.from({ length: 8 }, (_, at) =>
    request(at % 2 === 0 ? auth.url : replica.url)
      .post('/api/auth/login')
      .send({ email: first.email, password: PASSWORD }),
  );
  const [, ...responses] = await Promise.all([
    request(auth.url)
      .put('/api/auth/password/')
      .set(as(first.userId, first))
      .send({ current_password: PASSWORD, password: NEW_PASSWORD })
      .expect(204),
    ...signingIn,
  ]);
  assert.ok(responses.every(({ status }) => [202, 401, 429].includes(status)));
  const { body } = await list(first.userId, first);
  assert.deepEqual(
    body.items.map(({ id }: { id: string }) => id),
    [first.session_id],
  );
});
