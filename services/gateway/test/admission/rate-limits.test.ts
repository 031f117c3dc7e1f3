import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import request from 'supertest';
import { createRateLimits } from '../../src/admission/rate-limits.ts';
import { readGatewayConfig } from '../../src/config.ts';
import { clientNetwork } from '../../src/edge/client-address.ts';
import { aToken, exchange, parseProblem, SECRET, startGateway, startUpstream, type Upstream } from '../support.ts';

const FEW = {
  RATE_LIMIT: 'on',
  RATE_LIMIT_PER_MINUTE: '3',
  RATE_LIMIT_ADDRESS_PER_MINUTE: '2',
  RATE_LIMIT_SIGN_IN_PER_MINUTE: '1',
};

let upstream: Upstream;
let gateway: Service;

before(async () => {
  upstream = await startUpstream();
});
after(() => upstream.close());
afterEach(() => gateway?.stop());

const bearerOf = async (sub: string) => ({ Authorization: `Bearer ${await aToken({ payload: { sub } })}` });
const read = (headers: Record<string, string>) => request(gateway.url).get('/api/feed/').set(headers);
const signIn = (headers: Record<string, string> = {}) => request(gateway.url).post('/api/auth/login').set(headers);

test('each account has its own count, says what is left of it, and ends in 429', async () => {
  gateway = await startGateway(upstream.url, FEW);
  const ada = await bearerOf(randomUUID());
  for (const left of [2, 1, 0]) {
    const { headers } = await read(ada).expect(200);
    assert.equal(headers['ratelimit-policy'], '"account";q=3;w=60');
    assert.match(String(headers.ratelimit), new RegExp(`^"account";r=${left};t=[1-6]?[0-9]$`));
  }
  const before = upstream.requests.length;
  const { headers, body, type } = await read(ada).expect(429);
  assert.equal(upstream.requests.length, before);
  assert.equal(type, 'application/problem+json');
  assert.equal(body.type, '/problems/too-many-requests');
  assert.equal(body.request_id, headers['x-request-id']);
  const wait = Number(headers['retry-after']);
  assert.ok(wait >= 1 && wait <= 60, `${wait} s`);
  assert.match(String(headers.ratelimit), /^"account";r=0;/);
  await read(await bearerOf(randomUUID())).expect(200);
});

test('without a valid token the client address counts, at whatever path', async () => {
  gateway = await startGateway(upstream.url, FEW);
  await read({ Authorization: 'Bearer a.b.c' }).expect(401);
  await request(gateway.url).get('/nowhere').expect(404);
  await read({}).expect(429);
  await request(gateway.url).get('/nowhere').expect(429);
  await read(await bearerOf(randomUUID())).expect(200);
});

test('registering and signing in share a count of their own', async () => {
  gateway = await startGateway(upstream.url, FEW);
  await request(gateway.url).post('/api/auth/register').send({}).expect(200);
  const { headers } = await signIn().expect(429);
  assert.equal(headers['ratelimit-policy'], '"sign-in";q=1;w=60');
});

test('probes, the contract and its page have no limit', async () => {
  gateway = await startGateway(upstream.url, FEW);
  for (const path of ['/livez', '/readyz', '/health', '/openapi.yaml', '/docs']) {
    for (let time = 0; time < 4; time += 1) await request(gateway.url).get(path).expect(200);
  }
});

test('upgrades count', async () => {
  gateway = await startGateway(upstream.url, FEW);
  const { Authorization } = await bearerOf(randomUUID());
  const upgrade = (authorization: string) =>
    exchange(
      gateway.url,
      'GET /api/chat/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n' +
        `Authorization: ${authorization}\r\n\r\n`,
    );
  for (let time = 0; time < 3; time += 1) assert.match(await upgrade(Authorization), /^HTTP\/1\.1 101 /);
  const before = upstream.connections;
  const { status, headers, problem } = parseProblem(await upgrade(Authorization));
  assert.equal(status, 429);
  assert.equal(problem.type, '/problems/too-many-requests');
  assert.ok(Number(headers.get('retry-after')) >= 1);
  for (const expected of [401, 401, 429]) assert.equal(parseProblem(await upgrade('Bearer x')).status, expected);
  assert.equal(upstream.connections, before);
});

test('what a client writes into X-Forwarded-For is not its address', async () => {
  gateway = await startGateway(upstream.url, FEW);
  await signIn({ 'X-Forwarded-For': '203.0.113.1' }).expect(200);
  await signIn({ 'X-Forwarded-For': '203.0.113.2' }).expect(429);
});

test('behind a proxy the address is what the proxy saw, not what the client claims', async () => {
  gateway = await startGateway(upstream.url, { ...FEW, TRUST_PROXY: 'true' });
  await signIn({ 'X-Forwarded-For': '6.6.6.6, 203.0.113.1' }).expect(200);
  await signIn({ 'X-Forwarded-For': '7.7.7.7, 203.0.113.1' }).expect(429);
  await signIn({ 'X-Forwarded-For': '203.0.113.1, 203.0.113.2' }).expect(200);
});

test('proxies in front of that one are passed over from the right', async () => {
  const TRUSTED_PROXIES = '198.51.100.0/24,2001:db8:ffff::/48';
  gateway = await startGateway(upstream.url, { ...FEW, TRUST_PROXY: 'true', TRUSTED_PROXIES });
  await signIn({ 'X-Forwarded-For': '6.6.6.6, 203.0.113.1, 2001:db8:ffff::1, 198.51.100.7' }).expect(200);
  await signIn({ 'X-Forwarded-For': '203.0.113.1:4711, 198.51.100.9' }).expect(429);
  await signIn({ 'X-Forwarded-For': '203.0.113.2, garbage, 198.51.100.9' }).expect(200);
  await signIn({ 'X-Forwarded-For': '203.0.113.3, garbage, 198.51.100.9' }).expect(429);
});

test('it can be turned off', async () => {
  gateway = await startGateway(upstream.url, { ...FEW, RATE_LIMIT: 'off' });
  for (let time = 0; time < 5; time += 1) {
    const { headers } = await signIn().expect(200);
    assert.equal(headers.ratelimit, undefined);
  }
});

test('an IPv6 client has its /64 to itself', () => {
  assert.equal(clientNetwork('203.0.113.1'), '203.0.113.1');
  for (const [address, network] of [
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['2001:0db8:0001::', '2001:db8:1:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ] as const) {
    assert.equal(clientNetwork(address), network);
  }
});

test('a minute later the count starts anew', async (t) => {
  t.mock.timers.enable({ apis: ['Date', 'setTimeout'] });
  const limits = createRateLimits(readGatewayConfig({ JWT_SECRET: SECRET, ...FEW }).rateLimit);
  assert.equal((await limits.take('sign-in', 'x'))?.exceeded, false);
  assert.equal((await limits.take('sign-in', 'x'))?.exceeded, true);
  t.mock.timers.tick(60_000);
  assert.equal((await limits.take('sign-in', 'x'))?.exceeded, false);
});

test('as many callers are remembered as there is room for, those seen last', async () => {
  const config = readGatewayConfig({ JWT_SECRET: SECRET, ...FEW, RATE_LIMIT_MAX_CALLERS: '2' }).rateLimit;
  const limits = createRateLimits(config);
  const exceeded = async (caller: string) => (await limits.take('sign-in', caller))?.exceeded;
  for (const caller of ['a', 'b', 'c']) assert.equal(await exceeded(caller), false);
  assert.equal(await exceeded('c'), true);
  assert.equal(await exceeded('b'), true);
  assert.equal(await exceeded('a'), false);
});

test('a counter that replicas share takes the place of the one in memory', async () => {
  const counted: string[] = [];
  const config = readGatewayConfig({ JWT_SECRET: SECRET }).rateLimit;
  const limits = createRateLimits(config, ({ policy }) => ({
    consume: async (caller) => {
      counted.push(`${policy} ${caller}`);
      throw new Error('the store is away');
    },
  }));
  await assert.rejects(limits.take('account', 'x') as Promise<unknown>, /the store is away/);
  assert.deepEqual(counted, ['account x']);
});

test('the defaults are generous, and what is no network is refused at the start', () => {
  const { rateLimit } = readGatewayConfig({ JWT_SECRET: SECRET });
  assert.deepEqual(rateLimit, {
    enabled: true,
    perMinute: { account: 600, address: 300, 'sign-in': 20 },
    maxCallers: 100_000,
  });
  for (const value of ['proxy', '10.0.0.0/33', '10.0.0.0/x', '10.0.0.1,']) {
    const read = () => readGatewayConfig({ JWT_SECRET: SECRET, TRUSTED_PROXIES: value });
    if (value.endsWith(',')) assert.ok(read());
    else assert.throws(read, /TRUSTED_PROXIES: must be addresses or subnets/, value);
  }
});
