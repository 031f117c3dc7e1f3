import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { createLogger } from '@wave-connect/chassis/observability';
import { type MountedSecret, mountedSecret } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { jwtVerify } from 'jose';
import request from 'supertest';
import { readAuthConfig } from '../src/config.ts';
import { createSigningSecret } from '../src/domain/signing-secret.ts';
import { anEmail, PASSWORD, startAuth } from './support.ts';

const DELAY_S = 120;
const EVENTS = 'postgres://nobody@127.0.0.1:1/none';
const silent = createLogger('test', 'silent');
const aSecret = () => randomBytes(32).toString('hex');
const [first, second, third] = [aSecret(), aSecret(), aSecret()];

const files = (mounted: MountedSecret) => ({
  JWT_SECRET_FILE: mounted.path('jwt-secret'),
  JWT_SECRET_PREVIOUS_FILE: mounted.path('jwt-secret-previous'),
});

let now = 0;
let mounted: MountedSecret;

beforeEach(async () => {
  now = 1_000;
  mounted = await mountedSecret({ 'jwt-secret': first });
});
afterEach(() => mock.restoreAll());

function aSigningSecret() {
  mock.method(performance, 'now', () => now);
  const env = { DATABASE_URL: EVENTS, EVENTS_URL: EVENTS, ...files(mounted) };
  const { tokens } = readAuthConfig(env);
  assert.equal(tokens.rotationDelayS, DELAY_S);
  return createSigningSecret(tokens, silent);
}

const pass = (seconds: number) => {
  now += seconds * 1_000;
};

test('the one before signs until the pair has been seen for the delay', async () => {
  const secret = aSigningSecret();
  assert.equal(secret.value(), first);
  await mounted.put({ 'jwt-secret': second, 'jwt-secret-previous': first });
  pass(1);
  assert.equal(secret.value(), first);
  pass(DELAY_S - 1);
  assert.equal(secret.value(), first);
  pass(1);
  assert.equal(secret.value(), second);
  await mounted.put({ 'jwt-secret': third, 'jwt-secret-previous': second });
  pass(1);
  assert.equal(secret.value(), second);
});

test('a process that starts with a pair waits too, for it cannot know how old that is', async () => {
  await mounted.put({ 'jwt-secret': second, 'jwt-secret-previous': first });
  const secret = aSigningSecret();
  assert.equal(secret.value(), first);
  pass(DELAY_S);
  assert.equal(secret.value(), second);
});

test('without one before, as after a leak, the new one signs at once', async () => {
  const secret = aSigningSecret();
  secret.value();
  await mounted.put({ 'jwt-secret': second });
  pass(1);
  assert.equal(secret.value(), second);
});

test('while people sign in, tokens change from the old secret to the new one after the delay, and once', async (t) => {
  const auth = await startAuth({ JWT_SECRET: '', ...files(mounted), JWT_ROTATION_DELAY_S: '3' });
  t.after(() => auth.stop());
  const email = anEmail();
  await request(auth.url).post('/api/auth/register').send({ email, password: PASSWORD }).expect(201);
  const signer = async () => {
    const { body } = await request(auth.url).post('/api/auth/login').send({ email, password: PASSWORD }).expect(202);
    for (const secret of [first, second]) {
      const verified = await jwtVerify(body.token, new TextEncoder().encode(secret)).catch(() => undefined);
      if (verified) return secret;
    }
    return 'another';
  };
  assert.equal(await signer(), first);
  const replaced = performance.now();
  await mounted.put({ 'jwt-secret': second, 'jwt-secret-previous': first });
  const signers: string[] = [];
  await waitFor('a token of the new secret', async () => signers[signers.push(await signer()) - 1] === second, {
    deadlineMs: 20_000,
  });
  assert.ok(performance.now() - replaced >= 3_000);
  assert.deepEqual([...new Set(signers)], [first, second]);
  assert.equal(await signer(), second);
});
