import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import { type MountedSecret, mountedSecret } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import request from 'supertest';
import { readGatewayConfig } from '../src/config.ts';
import { aToken, SOON, startGateway, startUpstream, type Upstream } from './support.ts';

const aSecret = () => randomBytes(32).toString('hex');

let upstream: Upstream;
let mounted: MountedSecret;
let gateway: Service;
let current = aSecret();

before(async () => {
  upstream = await startUpstream();
  mounted = await mountedSecret({ 'jwt-secret': `${current}\n` });
  gateway = await startGateway(upstream.url, {
    JWT_SECRET: '',
    JWT_SECRET_FILE: mounted.path('jwt-secret'),
    JWT_SECRET_PREVIOUS_FILE: mounted.path('jwt-secret-previous'),
  });
});
after(async () => {
  await gateway.stop();
  await upstream.close();
});

async function ask(token: string): Promise<number> {
  const { status } = await request(gateway.url).get('/api/feed/').set('Authorization', `Bearer ${token}`);
  return status;
}

/** Tokens of a secret, new ones and one that is remembered, sent all the time. */
async function sendAllTheTime(secret: string) {
  const remembered = await aToken({ secret });
  const statuses: number[] = [];
  let done = false;
  const send = async (next: () => Promise<string>) => {
    while (!done) statuses.push(await ask(await next()));
  };
  const unique = () => aToken({ secret, payload: { jti: aSecret() } });
  const sending = Promise.all([send(async () => remembered), send(unique)]);
  const count = () => statuses.length;
  return {
    remembered,
    async more() {
      const before = count();
      await waitFor('more requests', () => count() > before + 20, SOON);
    },
    async end() {
      done = true;
      await sending;
      return statuses;
    },
  };
}

test('the secret is replaced under load, twice, and no token is refused', async (t) => {
  let sent = 0;
  for (let round = 0; round < 2; round += 1) {
    const [previous, next] = [current, aSecret()];
    const old = await sendAllTheTime(previous);
    await old.more();
    await mounted.put({ 'jwt-secret': next, 'jwt-secret-previous': previous });
    await waitFor('the new secret', async () => (await ask(await aToken({ secret: next }))) === 200, SOON);
    const fresh = await sendAllTheTime(next);
    await old.more();
    await fresh.more();
    const statuses = [...(await old.end()), ...(await fresh.end())];
    assert.deepEqual(new Set(statuses), new Set([200]));
    sent += statuses.length;
    current = next;
  }
  t.diagnostic(`${sent} requests, none refused`);
});

test('a token that is remembered ends with its secret', async () => {
  const [previous, next] = [current, aSecret()];
  const token = await aToken({ secret: previous });
  assert.equal(await ask(token), 200);
  await mounted.put({ 'jwt-secret': next });
  await waitFor('the refusal', async () => (await ask(token)) === 401, SOON);
  assert.equal(await ask(token), 401);
  assert.equal(await ask(await aToken({ secret: next })), 200);
});

test('the file of the secret must be there at the start', () => {
  const env = { JWT_SECRET_FILE: mounted.path('nowhere') };
  assert.throws(() => readGatewayConfig(env), /JWT_SECRET: its file .* is not there, or is empty/);
});
