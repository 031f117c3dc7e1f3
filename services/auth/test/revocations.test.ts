import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { RevocationPage } from '@wave-connect/chassis/revocations';
import type { Service } from '@wave-connect/chassis/service/base';
import type { TestService } from '@wave-connect/dev-env/testing';
import request from 'supertest';
import { aSession, startAuth, startReplica } from './support.ts';

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

const since = async (position: string, of: { url: string } = auth): Promise<RevocationPage> =>
  (await request(of.url).get('/internal/revocations').query({ after: position }).expect(200)).body;

const idsOf = ({ revocations }: RevocationPage) => revocations.map(({ user_id, session_id }) => session_id ?? user_id);

async function revokedSession(): Promise<string> {
  const { session_id } = await aSession(auth);
  await request(auth.url).post('/api/auth/logout').set('X-Session-ID', session_id).expect(204);
  return session_id;
}

test('a position is followed by what has been revoked since, on each replica, until the tokens expire', async () => {
  const first = await revokedSession();
  const begin = await since('');
  assert.ok(idsOf(begin).includes(first));
  const second = await revokedSession();
  const page = await since(begin.position, replica);
  assert.deepEqual(idsOf(page), [second]);
  assert.ok((page.revocations[0]?.expires_in ?? 0) > 3_600);
  const { userId } = await aSession(auth);
  await request(auth.url).delete('/api/auth/').set('X-User-ID', userId).expect(204);
  assert.deepEqual(idsOf(await since(page.position)), [userId]);
  await auth.database.query('UPDATE revocations SET expires_at = now() WHERE session_id = $1', [first]);
  assert.ok(!idsOf(await since('')).includes(first));
});

test('a revocation that commits after a later one is not left out', async () => {
  const { session_id, userId } = await aSession(auth);
  const slow = await auth.database.connect();
  try {
    await slow.query('BEGIN');
    await slow.query(
      `INSERT INTO revocations (transaction_id, user_id, session_id, expires_at)
       VALUES (pg_current_xact_id()::text::bigint, $1, $2, now() + interval '1 hour')`,
      [userId, session_id],
    );
    const later = await revokedSession();
    const page = await since('');
    assert.ok(idsOf(page).includes(later));
    assert.ok(!idsOf(page).includes(session_id));
    await slow.query('COMMIT');
    assert.ok(idsOf(await since(page.position)).includes(session_id));
  } finally {
    slow.release();
  }
});

test('a position from a newer database, or none at all, begins anew', async () => {
  const revoked = await revokedSession();
  for (const position of ['999999999999.0', 'nonsense', "1.0' OR 1=1", '']) {
    assert.ok(idsOf(await since(position)).includes(revoked), position);
  }
});
