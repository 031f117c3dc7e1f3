import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import { testDatabases } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import pg from 'pg';
import { aToken, startGateway, startUpstream, type Upstream } from '../support.ts';

const SOON = { deadlineMs: 20_000 };
const LIMITS = { RATE_LIMIT: 'on', RATE_LIMIT_PER_MINUTE: '3', RATE_LIMIT_ADDRESS_PER_MINUTE: '1000000' };

let upstream: Upstream;
let store: string;
const gateways: Service[] = [];

before(async () => {
  upstream = await startUpstream();
  store = await (await testDatabases()).freshDatabase('limits');
});
afterEach(async () => {
  for (const gateway of gateways.splice(0)) await gateway.stop();
});
after(() => upstream.close());

async function start(url: string): Promise<Service> {
  const gateway = await startGateway(upstream.url, { ...LIMITS, RATE_LIMIT_STORE: url });
  gateways.push(gateway);
  return gateway;
}

/** Status, and how many requests are left. */
async function ask({ url }: Service, person: string): Promise<string> {
  const headers = { Authorization: `Bearer ${await aToken({ payload: { sub: person } })}` };
  const response = await fetch(`${url}/api/feed/`, { headers });
  await response.arrayBuffer();
  return `${response.status} ${/r=(\d+)/.exec(response.headers.get('ratelimit') ?? '')?.[1]}`;
}

async function isAway({ metricsUrl }: Service): Promise<boolean> {
  const metrics = await (await fetch(`${metricsUrl}/metrics`)).text();
  return /^rate_limit_store_away\{.*\} 1$/m.test(metrics);
}

test('gateways with one store count together, each caller for themselves', async () => {
  const [one, other] = [await start(store), await start(store)];
  const [ada, grace] = [randomUUID(), randomUUID()];
  assert.equal(await ask(one, ada), '200 2');
  assert.equal(await ask(other, ada), '200 1');
  assert.equal(await ask(one, ada), '200 0');
  assert.equal(await ask(other, ada), '429 0');
  assert.equal(await ask(other, grace), '200 2');
  assert.equal(await isAway(one), false);
});

test('a gateway whose store is away limits by itself and says so', async () => {
  const gateway = await start('postgres://nobody@127.0.0.1:1/nowhere');
  const ada = randomUUID();
  const responses = [];
  for (let asked = 0; asked < 4; asked += 1) responses.push(await ask(gateway, ada));
  assert.deepEqual(responses, ['200 2', '200 1', '200 0', '429 0']);
  assert.equal(await isAway(gateway), true);
});

test('a store that comes back is used again', async () => {
  const [one, other] = [await start(store), await start(store)];
  assert.equal(await ask(one, randomUUID()), '200 2');
  const database = new pg.Pool({ connectionString: store });
  await database.query('DROP TABLE rate_limits');
  assert.equal(await ask(one, randomUUID()), '200 2');
  assert.equal(await isAway(one), true);

  await waitFor('the store', async () => (await ask(one, randomUUID())) === '200 2' && !(await isAway(one)), SOON);
  const ada = randomUUID();
  assert.equal(await ask(one, ada), '200 2');
  await waitFor('the other', async () => (await ask(other, randomUUID())) === '200 2' && !(await isAway(other)), SOON);
  assert.equal(await ask(other, ada), '200 1');
  await database.end();
});
