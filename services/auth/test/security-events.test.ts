import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { constantSecret } from '@wave-connect/chassis/config';
import { CLIENT_ADDRESS_HEADER } from '@wave-connect/contracts/identity-headers.ts';
import type { TestService } from '@wave-connect/dev-env/testing';
import request from 'supertest';
import { createEmailHash } from '../src/domain/email-hash.ts';
import { anEmail, PASSWORD, startAuth } from './support.ts';

const EMAIL_HASH_KEY = 'a key of at least thirty-two bytes, too';
const ADDRESS = '203.0.113.77';
const NETWORK = '203.0.113.0/24';

type Line = Record<string, unknown>;
let auth: TestService;
const lines: Line[] = [];

before(async () => {
  auth = await startAuth({ EMAIL_HASH_KEY, SIGN_IN_FAILURES: '2' }, lines);
});
after(() => auth.stop());
beforeEach(() => {
  lines.length = 0;
});

const post = (path: string, body: object) =>
  request(auth.url).post(`/api/auth/${path}`).set(CLIENT_ADDRESS_HEADER, ADDRESS).send(body);

const emailHash = (email: string) => createEmailHash(constantSecret(EMAIL_HASH_KEY))(email).toString('hex');

/** Security events, without what each log line has. */
const recorded = () =>
  lines
    .filter(({ msg }) => msg === 'security event')
    .map(({ event, outcome, reason, user_id, email_hash, network, request_id }) => {
      assert.equal(typeof request_id, 'string');
      return { event, outcome, reason, user_id, email_hash, network };
    });

async function counted(event: string, outcome: string): Promise<number> {
  const text = await (await fetch(`${auth.metricsUrl}/metrics`)).text();
  const line = text
    .split('\n')
    .find(
      (each) => /^security_events_total/.test(each) && each.includes(`"${event}"`) && each.includes(`"${outcome}"`),
    );
  return Number(line?.split(' ').at(-1) ?? 0);
}

test('registering, signing in, failing, being refused and leaving are recorded, by hash and network alone', async () => {
  const email = anEmail();
  const { body: account } = await post('register', { email, password: PASSWORD }).expect(201);
  await post('register', { email: email.toUpperCase(), password: PASSWORD }).expect(409);
  await post('login', { email, password: PASSWORD }).expect(202);
  await post('login', { email, password: 'wrong password' }).expect(401);
  await post('login', { email, password: 'wrong password' }).expect(401);
  await post('login', { email, password: 'wrong password' }).expect(429);
  await request(auth.url)
    .delete('/api/auth/')
    .set({ 'X-User-ID': account.id, [CLIENT_ADDRESS_HEADER]: ADDRESS })
    .expect(204);
  const about = { email_hash: emailHash(email), network: NETWORK };
  const known = { user_id: account.id, reason: undefined, ...about };
  assert.deepEqual(recorded(), [
    { ...known, event: 'registration', outcome: 'success' },
    { ...known, event: 'registration', outcome: 'failure', reason: 'email-taken', user_id: undefined },
    { ...known, event: 'sign-in', outcome: 'success' },
    { ...known, event: 'sign-in', outcome: 'failure', reason: 'wrong-password' },
    { ...known, event: 'sign-in', outcome: 'failure', reason: 'wrong-password' },
    { ...known, event: 'sign-in', outcome: 'refused', reason: 'too-many-failures' },
    { ...known, event: 'account-deletion', outcome: 'success', email_hash: undefined },
  ]);
  assert.deepEqual(
    [await counted('sign-in', 'success'), await counted('sign-in', 'failure'), await counted('sign-in', 'refused')],
    [1, 2, 1],
  );
  const text = JSON.stringify(lines).toLowerCase();
  for (const secret of [email, PASSWORD, 'wrong password', ADDRESS]) assert.ok(!text.includes(secret), secret);
});

test('an email without an account is recorded by its hash', async () => {
  const email = anEmail();
  await post('login', { email, password: PASSWORD }).expect(401);
  assert.deepEqual(recorded(), [
    {
      event: 'sign-in',
      outcome: 'failure',
      reason: 'unknown-email',
      user_id: undefined,
      email_hash: emailHash(email),
      network: NETWORK,
    },
  ]);
});

test('refreshing is recorded, and so is a refresh token that is used again', async () => {
  const email = anEmail();
  const { body: account } = await post('register', { email, password: PASSWORD }).expect(201);
  const { body: session } = await post('login', { email, password: PASSWORD }).expect(202);
  const refresh = (token: string) => post('session/refresh', { refresh_token: token });
  const { body: second } = await refresh(session.refresh_token).expect(200);
  await refresh(second.refresh_token).expect(200);
  lines.length = 0;
  await refresh(session.refresh_token).expect(401);
  await refresh(second.refresh_token).expect(401);
  const about = { event: 'session-refresh', outcome: 'failure', email_hash: undefined, network: NETWORK };
  assert.deepEqual(recorded(), [
    { ...about, reason: 'reused', user_id: account.id },
    { ...about, reason: 'invalid', user_id: undefined },
  ]);
  assert.equal(await counted('session-refresh', 'success'), 2);
  assert.ok(!JSON.stringify(lines).includes(session.refresh_token));
});

test('a new password, ending a session and signing out are recorded', async () => {
  const email = anEmail();
  const { body: account } = await post('register', { email, password: PASSWORD }).expect(201);
  const signIn = async () => (await post('login', { email, password: PASSWORD }).expect(202)).body.session_id;
  const [one, other] = [await signIn(), await signIn()];
  lines.length = 0;
  const as = { 'X-User-ID': account.id, 'X-Session-ID': one, [CLIENT_ADDRESS_HEADER]: ADDRESS };
  const change = (current: string) =>
    request(auth.url)
      .put('/api/auth/password/')
      .set(as)
      .send({ current_password: current, password: 'another password' });
  await change('wrong password').expect(403);
  await request(auth.url).delete(`/api/auth/session/${other}`).set(as).expect(204);
  await change(PASSWORD).expect(204);
  await request(auth.url).post('/api/auth/logout').set(as).expect(204);
  const about = { user_id: account.id, network: NETWORK, reason: undefined, email_hash: undefined, outcome: 'success' };
  const changed = { ...about, event: 'password-change', email_hash: emailHash(email) };
  assert.deepEqual(recorded(), [
    { ...changed, outcome: 'failure', reason: 'wrong-password' },
    { ...about, event: 'session-revocation' },
    changed,
    { ...about, event: 'sign-out', reason: 'local' },
  ]);
});
