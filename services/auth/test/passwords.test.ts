import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TestService } from '@wave-connect/dev-env/testing';
import { hashSync } from 'bcryptjs';
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
  const metrics = await (await fetch(`${auth.metricsUrl}/metrics`)).text();
  const [, shed] = /^requests_shed_total{.*reason="passwords".*} (\d+)$/m.exec(metrics) ?? [];
  assert.equal(Number(shed), responses.filter((response) => response.status === 503).length);
});

const register = (email: string, password: string, { url } = auth) =>
  request(url).post('/api/auth/register').send({ email, password });
const enter = (email: string, password: string, { url } = auth) =>
  request(url).post('/api/auth/login').send({ email, password });
const hashOf = async (email: string): Promise<string> =>
  (await auth.database.query('SELECT password_hash FROM users WHERE email = $1', [email])).rows[0].password_hash;
const storeHash = (email: string, hash: string) =>
  auth.database.query('UPDATE users SET password_hash = $2 WHERE email = $1', [email, hash]);
/** Another replica on the same database. */
const replica = (cost: number) =>
  startAuth({ DATABASE_URL: auth.databaseUrl, BCRYPT_COST: String(cost), BCRYPT_THREADS: '1' });

const COMPOSED = 'caf\u00e9 cr\u00e8me';
const DECOMPOSED = COMPOSED.normalize('NFD');

test('a password is the same, in whichever form of Unicode it is typed', async () => {
  for (const [one, other] of [
    [COMPOSED, DECOMPOSED],
    [DECOMPOSED, COMPOSED],
    ['with a space', 'with\u00a0a\u3000space'],
  ] as const) {
    const email = anEmail();
    await register(email, one).expect(201);
    await enter(email, one).expect(202);
    await enter(email, other).expect(202);
    await enter(email, `${other}!`).expect(401);
  }
});

test('it is as long as it is once composed', async () => {
  await register(anEmail(), '\u00e9'.repeat(4).normalize('NFD')).expect(400);
  await register(anEmail(), '\u00e9'.repeat(36).normalize('NFD')).expect(201);
});

test('one that was hashed as it was typed stays good, and is then good in each form', async () => {
  const email = anEmail();
  await register(email, PASSWORD).expect(201);
  await storeHash(email, hashSync(DECOMPOSED, 10));
  await enter(email, `${DECOMPOSED}x`).expect(401);
  await enter(email, DECOMPOSED).expect(202);
  await enter(email, COMPOSED).expect(202);
});

test('a higher cost renews hashes as people sign in, a lower one leaves them', async () => {
  const email = anEmail();
  const [cheap, costly] = await Promise.all([replica(4), replica(6)]);
  try {
    await register(email, PASSWORD, cheap).expect(201);
    assert.match(await hashOf(email), /^\$2b\$04\$/);
    await enter(email, 'wrong password', costly).expect(401);
    assert.match(await hashOf(email), /^\$2b\$04\$/);
    const atOnce = await Promise.all(Array.from({ length: 5 }, () => enter(email, PASSWORD, costly)));
    assert.deepEqual(new Set(atOnce.map(({ status }) => status)), new Set([202]));
    const renewed = await hashOf(email);
    assert.match(renewed, /^\$2b\$06\$/);
    await enter(email, PASSWORD, cheap).expect(202);
    assert.equal(await hashOf(email), renewed);
  } finally {
    await Promise.all([cheap.stop(), costly.stop()]);
  }
});

test('the time of a wrong password tells neither whether there is an account nor how old its hash is', async () => {
  const accounts = await Promise.all(
    [4, 8, 11].map(async (cost) => {
      const email = anEmail();
      await register(email, PASSWORD).expect(201);
      await storeHash(email, hashSync(PASSWORD, cost));
      return email;
    }),
  );
  for (const cost of [11, 6]) {
    const one = await replica(cost);
    try {
      const emails = [anEmail(), ...accounts];
      const fastest = emails.map(() => Number.POSITIVE_INFINITY);
      // What disturbs one does not hasten any.
      for (let round = 0; round < 4; round += 1) {
        for (const [at, email] of emails.entries()) {
          const begin = performance.now();
          await enter(email, 'wrong password', one).expect(401);
          fastest[at] = Math.min(fastest[at] ?? 0, performance.now() - begin);
        }
      }
      const ratio = Math.max(...fastest) / Math.min(...fastest);
      // A step of the cost alone would be 2, and between these hashes there are three and more.
      assert.ok(ratio < 4, `at cost ${cost}: ${fastest.map(Math.round)} ms for none and for costs of 4, 8 and 11`);
    } finally {
      await one.stop();
    }
  }
});
