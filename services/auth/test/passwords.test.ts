import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TestService } from '@wave-connect/dev-env/testing';
import request from 'supertest';
import { anEmail, PASSWORD, startAuth } from './support.ts';

let auth: TestService;

before(async () => {
  auth = await startAuth({ BCRYPT_COST: '10', BCRYPT_THREADS: '1', BCRYPT_MAX_QUEUED: '4' });
});
after(() => auth.stop());

const logIn = () => request(auth.url).post('/api/auth/login').send({ email: anEmail(), password: PASSWORD });

test('hashing does not hold up the event loop', async () => {
  let responded = 0;
  const signIns = Array.from({ length: 4 }, async () => (await logIn()).status);
  let pending = true;
  const done = Promise.all(signIns).finally(() => {
    pending = false;
  });
  while (pending) {
    await request(auth.url).get('/livez').expect(200);
    responded += 1;
  }
  assert.deepEqual(new Set(await done), new Set([401]));
  assert.ok(responded > 4, `only ${responded} probes ran beside 4 hashes`);
});

test('more sign-ins than may wait are turned away with 503 and the time to come again', async () => {
  const responses = await Promise.all(Array.from({ length: 30 }, () => logIn()));
  const statuses = new Set(responses.map((response) => response.status));
  assert.deepEqual([...statuses].sort(), [401, 503]);
  const refused = responses.find((response) => response.status === 503);
  assert.ok(Number(refused?.headers['retry-after']) > 0);
});
