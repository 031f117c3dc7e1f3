import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { createLogger } from '@wave-connect/chassis/observability';
import type { Service } from '@wave-connect/chassis/service';
import { waitFor } from '@wave-connect/dev-env/waiting';
import request from 'supertest';
import { aToken, SECRET, SOON, startGateway, startUpstream, type Upstream, USER } from '../support.ts';

const FEW = { RATE_LIMIT: 'on', RATE_LIMIT_PER_MINUTE: '2', RATE_LIMIT_SIGN_IN_PER_MINUTE: '1', TRUST_PROXY: 'true' };
const NETWORK = '203.0.113.0/24';
const FROM = { 'X-Forwarded-For': '203.0.113.77' };

type Line = Record<string, unknown>;
let upstream: Upstream;
let gateway: Service;
let lines: Line[] = [];

before(async () => {
  upstream = await startUpstream();
  const log = createLogger('gateway', 'debug', { write: (line) => void lines.push(JSON.parse(line)) });
  gateway = await startGateway(upstream.url, FEW, { webApp: '/nowhere', log });
});
after(async () => {
  await gateway.stop();
  await upstream.close();
});
afterEach(() => {
  lines = [];
});

const recorded = () =>
  lines
    .filter(({ msg }) => msg === 'security event')
    .map(({ event, outcome, reason, user_id, network, request_id }) => {
      assert.equal(typeof request_id, 'string');
      return { event, outcome, reason, user_id, network };
    });
const about = { reason: undefined, user_id: undefined, network: NETWORK };

test('a token with a signature of another secret is recorded, an expired one is not', async () => {
  const forged = await aToken({ secret: SECRET.replace(/./g, 'x') });
  const expired = await aToken({ payload: { exp: Math.floor(Date.now() / 1_000) - 1 } });
  for (const token of [forged, expired]) {
    await request(gateway.url)
      .get('/api/feed/')
      .set({ ...FROM, Authorization: `Bearer ${token}`, 'X-User-ID': randomUUID() })
      .expect(401);
  }
  assert.deepEqual(recorded(), [{ ...about, event: 'access-token', outcome: 'failure', reason: 'signature' }]);
  assert.ok(!JSON.stringify(lines).includes(forged));
});

test('a write that a page of another site asks for is recorded', async () => {
  const asked = { ...FROM, Cookie: `jwt=${await aToken()}`, 'Sec-Fetch-Site': 'cross-site' };
  await request(gateway.url).post('/api/feed/').set(asked).send({}).expect(403);
  await request(gateway.url).post('/api/auth/logout').set(asked).expect(403);
  const event = { ...about, event: 'cross-site-request', outcome: 'refused', user_id: USER };
  assert.deepEqual(recorded(), [event, event]);
});

test('a caller beyond a rate limit is recorded once in its window', async () => {
  const person = randomUUID();
  const Authorization = `Bearer ${await aToken({ payload: { sub: person } })}`;
  for (const status of [200, 200, 429, 429, 429]) {
    await request(gateway.url)
      .get('/api/feed/')
      .set({ ...FROM, Authorization })
      .expect(status);
  }
  for (const status of [200, 429, 429]) {
    await request(gateway.url).post('/api/auth/login').set(FROM).send({}).expect(status);
  }
  const event = { ...about, event: 'rate-limit', outcome: 'refused' };
  assert.deepEqual(recorded(), [
    { ...event, reason: 'account', user_id: person },
    { ...event, reason: 'sign-in' },
  ]);
});

test('no log line tells who a person writes to', async () => {
  const peer = randomUUID();
  for (const path of [`/api/chat/conversation/${peer}`, `/api/chat/conversation/${peer}/read`, `/api/chat/x/${peer}`]) {
    const Authorization = `Bearer ${await aToken({ payload: { sub: randomUUID() } })}`;
    await request(gateway.url)
      .get(path)
      .set({ ...FROM, Authorization });
  }
  const finished = () => lines.filter(({ msg }) => msg === 'request finished');
  await waitFor('the request log', () => finished().length === 3, SOON);
  assert.ok(!JSON.stringify(lines).includes(peer));
  assert.equal(finished()[0]?.path, '/api/chat/conversation/{id}');
});
