import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service/base';
import type { TestService } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { decodeJwt } from 'jose';
import request from 'supertest';
import { refreshTokenOf } from '../src/domain/refresh-tokens.ts';
import { aSession, PASSWORD, refresh, signIn, startAuth, startReplica, type Tokens } from './support.ts';

const MAX_SESSIONS = 3;
const POOL_SIZE = 4;
const SOON = { deadlineMs: 30_000 };

let auth: TestService;
/** On the same database. */
let replica: Service;

before(async () => {
  const env = { MAX_SESSIONS_PER_USER: String(MAX_SESSIONS), DB_POOL_SIZE: String(POOL_SIZE) };
  auth = await startAuth(env);
  replica = await startReplica(auth, env);
});

after(async () => {
  await replica.stop();
  await auth.stop();
});

const count = async (table: string, sessionId: string): Promise<number> => {
  const column = table === 'sessions' ? 'id' : 'session_id';
  const { rows } = await auth.database.query(`SELECT count(*) FROM ${table} WHERE ${column} = $1`, [sessionId]);
  return Number(rows[0].count);
};

/** Moves a session into the past. */
const age = (sessionId: string, seconds: number) =>
  auth.database.query(
    `UPDATE sessions SET time_refreshed = time_refreshed - make_interval(secs => $2),
            expires_at = expires_at - make_interval(secs => $2), ends_at = ends_at - make_interval(secs => $2)
      WHERE id = $1`,
    [sessionId, seconds],
  );

async function refreshed(of: { url: string }, token: string): Promise<Tokens> {
  return (await refresh(of, token).expect(200)).body;
}

test('signing in begins a session, and no token is stored', async () => {
  const session = await aSession(auth);
  const { sid, jti, sub, exp = 0, iat = 0 } = decodeJwt(session.token);
  assert.equal(sid, session.session_id);
  assert.equal(sub, session.userId);
  assert.equal(exp - iat, 3_600);
  assert.notEqual(jti, decodeJwt((await refreshed(auth, session.refresh_token)).token).jti);
  assert.equal(session.refresh_expires_in, 30 * 86_400);
  const { rows } = await auth.database.query('SELECT sessions::text FROM sessions WHERE id = $1', [session.session_id]);
  assert.doesNotMatch(JSON.stringify(rows), new RegExp(session.refresh_token.slice(0, 20)));
});

test('a refresh responds as signing in does, by body and by cookie, on each replica', async () => {
  const session = await aSession(auth);
  const second = await refresh(replica, session.refresh_token).expect(200);
  assert.deepEqual(Object.keys(second.body).sort(), [
    'expires_in',
    'refresh_expires_in',
    'refresh_token',
    'session_id',
    'token',
    'token_type',
  ]);
  assert.equal(second.body.session_id, session.session_id);
  assert.equal(second.headers.authorization, `Bearer ${second.body.token}`);
  assert.equal(second.headers['cache-control'], 'no-store');
  const third = await request(auth.url)
    .post('/api/auth/session/refresh')
    .set('Cookie', `jwt=x; refresh=${second.body.refresh_token}`)
    .set('X-Forwarded-Proto', 'https')
    .expect(200);
  const [jwt = '', , cookie = ''] = third.headers['set-cookie'] as unknown as string[];
  assert.ok(jwt.startsWith(`__Host-jwt=${third.body.token}; Max-Age=3600; Path=/;`), jwt);
  assert.ok(cookie.startsWith(`refresh=${third.body.refresh_token}; Max-Age=2592000; Path=/api/auth/session;`), cookie);
  assert.match(cookie, /; HttpOnly; Secure; SameSite=Strict$/);
  assert.equal(new Set([session, second.body, third.body].map((each) => each.refresh_token)).size, 3);
});

test('without a refresh token there is a 401', async () => {
  await request(auth.url).post('/api/auth/session/refresh').expect(401).expect('WWW-Authenticate', 'Bearer');
  await request(auth.url).post('/api/auth/session/refresh').send({}).expect(401);
});

test('the token before gets the current one again, for a while', async () => {
  const session = await aSession(auth);
  const second = await refreshed(auth, session.refresh_token);
  const again = await refreshed(replica, session.refresh_token);
  assert.equal(again.refresh_token, second.refresh_token);
  const third = await refreshed(auth, again.refresh_token);
  assert.notEqual(third.refresh_token, second.refresh_token);
});

for (const [what, prepare] of [
  [
    'the token before, after a while,',
    async (session: Tokens) => {
      const current = await refreshed(auth, session.refresh_token);
      await age(session.session_id, 11);
      return current;
    },
  ],
  [
    'an older token',
    async (session: Tokens) => refreshed(auth, (await refreshed(auth, session.refresh_token)).refresh_token),
  ],
] as const) {
  test(`${what} is reuse: the session ends, although the response is 401`, async () => {
    const session = await aSession(auth);
    const current = await prepare(session);
    await refresh(auth, session.refresh_token).expect(401);
    await refresh(replica, current.refresh_token).expect(401);
    assert.equal(await count('sessions', session.session_id), 0);
    assert.equal(await count('revocations', session.session_id), 1);
  });
}

test('a token that is not genuine is refused, and ends no session', async () => {
  const session = await aSession(auth);
  const current = await refreshed(auth, session.refresh_token);
  const forged = (counter: number) => refreshTokenOf({ id: session.session_id, refreshKey: Buffer.alloc(32), counter });
  const unknown = refreshTokenOf({ id: randomUUID(), refreshKey: Buffer.alloc(32), counter: 0 });
  const flipped = `${current.refresh_token.slice(0, 40)}${current.refresh_token[40] === 'A' ? 'B' : 'A'}${current.refresh_token.slice(41)}`;
  for (const token of [forged(0), forged(1), forged(7), unknown, flipped, current.refresh_token.slice(0, -1), 'x']) {
    await refresh(auth, token).expect(401);
  }
  await refresh(auth, current.refresh_token).expect(200);
});

test('a session expires without a refresh, and in any case in the end; its access token never outlives it', async () => {
  const idle = await aSession(auth);
  await age(idle.session_id, 30 * 86_400 - 60);
  const { rows } = await auth.database.query('SELECT ends_at FROM sessions WHERE id = $1', [idle.session_id]);
  const lastMinute = await refreshed(auth, idle.refresh_token);
  assert.ok(lastMinute.refresh_expires_in > 86_400, 'a refresh prolongs it');
  await auth.database.query(
    "UPDATE sessions SET ends_at = now() + interval '5 minutes', expires_at = now() + interval '5 minutes' WHERE id = $1",
    [idle.session_id],
  );
  const last = await refreshed(auth, lastMinute.refresh_token);
  assert.ok(last.expires_in <= 300 && last.refresh_expires_in <= 300, 'but not beyond its end');
  assert.ok(rows[0].ends_at);
  await age(idle.session_id, 301);
  await refresh(auth, last.refresh_token).expect(401);
  await waitFor('the session to be pruned', async () => (await count('sessions', idle.session_id)) === 0, SOON);
  assert.equal(await count('revocations', idle.session_id), 1, 'so that its sockets end, too');
});

test('a storm of refreshes of one session is one rotation for each replica at most', async () => {
  const session = await aSession(auth);
  const responses = await Promise.all(
    Array.from({ length: 200 }, (_, index) => refresh(index % 2 === 0 ? auth : replica, session.refresh_token)),
  );
  assert.deepEqual(new Set(responses.map(({ status }) => status)), new Set([200]));
  assert.equal(new Set(responses.map(({ body }) => body.refresh_token)).size, 1);
});

test('a storm of refreshes of a session whose row is locked leaves connections for others', async () => {
  const session = await aSession(auth);
  const holder = await auth.database.connect();
  try {
    await holder.query('BEGIN');
    await holder.query('SELECT FROM sessions WHERE id = $1 FOR UPDATE', [session.session_id]);
    const storm = Array.from({ length: POOL_SIZE * 10 }, async () => refresh(auth, session.refresh_token));
    await waitFor(
      'the storm to wait for the row',
      async () =>
        (await auth.database.query("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")).rowCount !== 0,
      SOON,
    );
    await aSession(auth);
    await holder.query('COMMIT');
    const statuses = (await Promise.all(storm)).map(({ status }) => status);
    assert.deepEqual(new Set(statuses), new Set([200]));
  } finally {
    holder.release();
  }
});

test('with one session more than an account may have the oldest ends', async () => {
  const first = await aSession(auth);
  const more: Tokens[] = [];
  for (let at = 0; at < MAX_SESSIONS; at += 1) more.push(await signIn(at % 2 === 0 ? auth : replica, first.email));
  await refresh(auth, first.refresh_token).expect(401);
  assert.equal(await count('revocations', first.session_id), 1);
  for (const { refresh_token } of more) await refresh(auth, refresh_token).expect(200);
});

test('of many sign-ins at once on two replicas as many sessions stay as an account may have', async () => {
  const first = await aSession(auth);
  await Promise.all(Array.from({ length: 12 }, (_, at) => signIn(at % 2 === 0 ? auth : replica, first.email)));
  const { rows } = await auth.database.query('SELECT id FROM sessions WHERE user_id = $1', [first.userId]);
  assert.equal(rows.length, MAX_SESSIONS);
});

test('a deleted account has no session, even one that begins beside the deletion', async () => {
  const session = await aSession(auth);
  const signingIn = Array.from({ length: 6 }, () =>
    request(replica.url).post('/api/auth/login').send({ email: session.email, password: PASSWORD }),
  );
  const [, ...statuses] = await Promise.all([
    request(auth.url).delete('/api/auth/').set('X-User-ID', session.userId).expect(204),
    ...signingIn.map(async (response) => (await response).status),
  ]);
  assert.ok(
    statuses.every((status) => status === 202 || status === 401),
    String(statuses),
  );
  await refresh(auth, session.refresh_token).expect(401);
  const { rows } = await auth.database.query('SELECT id FROM sessions WHERE user_id = $1', [session.userId]);
  assert.deepEqual(rows, []);
  const revoked = await auth.database.query('SELECT session_id FROM revocations WHERE user_id = $1', [session.userId]);
  assert.ok(revoked.rows.some(({ session_id }) => session_id === null));
});
