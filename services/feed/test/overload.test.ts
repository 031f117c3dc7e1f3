import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { TestService } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { as, publish, startFeed } from './support.ts';

const SOON = { deadlineMs: 20_000 };
const POOL_SIZE = 2;
/** One for each connection. */
const MAY_WAIT = 2;

let feed: TestService;

before(async () => {
  feed = await startFeed({ DB_POOL_SIZE: String(POOL_SIZE), SHED_POOL_WAITING: '1' });
});
after(() => feed.stop());

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${feed.metricsUrl}/metrics`)).text();
  return Number(new RegExp(`^${name}{.*} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
}

test('requests beyond those that may wait for the database get 503 at once, until it responds again', async () => {
  const ada = as(feed, randomUUID());
  await publish(ada);
  const locker = await feed.database.connect();
  await locker.query('BEGIN; LOCK TABLE publications IN ACCESS EXCLUSIVE MODE');
  // Of one person each, for the same list would be read once for all.
  const askFor = (userId: string) => ada.get(`/api/feed/user/${userId}`).then(({ status }) => status);
  const taken = Array.from({ length: POOL_SIZE + MAY_WAIT }, () => askFor(randomUUID()));
  await waitFor('a full queue', async () => (await metric('database_connections_waiting')) >= MAY_WAIT, SOON);

  for (let i = 0; i < 20; i += 1) {
    const { status, headers, body } = await ada.get('/api/feed/');
    assert.equal(status, 503);
    assert.match(headers['retry-after'] ?? '', /^\d+$/);
    assert.equal(body.type, '/problems/unavailable');
  }
  assert.equal(await metric('requests_shed_total'), 20);
  for (const probe of ['livez', 'readyz']) assert.equal((await fetch(`${feed.url}/${probe}`)).status, 200, probe);

  await locker.query('COMMIT');
  locker.release();
  assert.deepEqual(await Promise.all(taken), [200, 200, 200, 200]);
  await ada.get('/api/feed/').expect(200);
});
