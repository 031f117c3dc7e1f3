import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, describe, test } from 'node:test';
import { type System, startSystem } from '@wave-connect/dev-env/system';
import request from 'supertest';
import { Person } from '../support/person.ts';

/** What the contract gives a revocation. */
const WITHIN_MS = 2_000;
const WORKERS = 2;
const SESSION_ENDED = 4401;

describe('what is revoked is refused everywhere within two seconds', () => {
  let system: System;
  before(async () => {
    const env = { LOG_LEVEL: 'error', BCRYPT_COST: '4' };
    system = await startSystem({ env, serviceEnv: { gateway: { WORKERS: String(WORKERS) } } });
  });
  after(() => system.stop());

  /** Each request is on a connection of its own, so the system hands them to either worker. */
  const statusOf = async (token: string): Promise<number> =>
    (await request(system.url).get('/api/feed/').set('Authorization', `Bearer ${token}`)).status;

  /** When, in ms from now, no request was served any more. */
  async function refusedAfter(token: string): Promise<number> {
    const began = performance.now();
    let served = 0;
    while (performance.now() - began < WITHIN_MS * 1.5) {
      if ((await statusOf(token)) === 200) served = performance.now() - began;
    }
    return served;
  }

  async function signedIn() {
    const person = await Person.join(system.url);
    assert.equal(await statusOf(person.token), 200);
    return person;
  }

  test('a session that signs out', async (t) => {
    const { token } = await signedIn();
    await request(system.url).post('/api/auth/logout').set('Authorization', `Bearer ${token}`).expect(204);
    const ms = await refusedAfter(token);
    t.diagnostic(`refused everywhere after ${Math.round(ms)} ms`);
    assert.ok(ms < WITHIN_MS, `served for ${ms} ms`);
  });

  test('an account that is deleted, for reads as well', async (t) => {
    const { token } = await signedIn();
    await request(system.url).delete('/api/auth/').set('Authorization', `Bearer ${token}`).expect(204);
    const ms = await refusedAfter(token);
    t.diagnostic(`refused everywhere after ${Math.round(ms)} ms`);
    assert.ok(ms < WITHIN_MS, `served for ${ms} ms`);
  });

  test('the sockets of a session that another one ends', async (t) => {
    const person = await signedIn();
    const { socket } = await person.connect('header');
    const closed = once(socket, 'close');
    const { body } = await person.get('auth/session/');
    const began = performance.now();
    await request(system.url)
      .delete(`/api/auth/session/${body.items[0].id}`)
      .set('Authorization', `Bearer ${person.token}`)
      .expect(204);
    assert.equal((await closed)[0], SESSION_ENDED);
    const ms = performance.now() - began;
    t.diagnostic(`closed after ${Math.round(ms)} ms`);
    assert.ok(ms < WITHIN_MS, `open for ${ms} ms`);
  });

  test('while auth is away what is known stays known, and other sessions are served', async () => {
    const [gone, other] = [await signedIn(), await signedIn()];
    await request(system.url).post('/api/auth/logout').set('Authorization', `Bearer ${gone.token}`).expect(204);
    await refusedAfter(gone.token);
    await system.services.auth.kill();
    for (let at = 0; at < 20; at += 1) {
      assert.deepEqual([await statusOf(gone.token), await statusOf(other.token)], [401, 200]);
    }
    const metrics = await (await fetch(`http://127.0.0.1:${system.ports['gateway-metrics']}/metrics`)).text();
    assert.match(metrics, /^revocations_age_seconds\b.* \d/m);
    await system.services.auth.restart();
  });
});
