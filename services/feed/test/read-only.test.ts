import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { TestService } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { as, publish, startFeed } from './support.ts';

const DEADLINE = { deadlineMs: 20_000 };

let feed: TestService;

before(async () => {
  feed = await startFeed();
});
after(() => feed.stop());

const readiness = async () => {
  const response = await fetch(`${feed.url}/readyz`);
  return { status: response.status, text: await response.text() };
};

/** As after a failover that leads to a standby: the connections break, and new ones only read. */
async function failOver(readOnly: 'on' | 'off'): Promise<void> {
  const name = new URL(feed.databaseUrl).pathname.slice(1);
  await feed.database.query(`
    BEGIN READ WRITE;
    ALTER DATABASE ${name} SET default_transaction_read_only = ${readOnly};
    COMMIT;
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${name}' AND pid <> pg_backend_pid()`);
}

test('a database that is read-only makes the service not ready, and writes 503; reads go on', async () => {
  const author = as(feed, randomUUID());
  const pubId = await publish(author);
  await failOver('on');

  const isToldSo = async () => (await readiness()).text.includes('the database is read-only');
  await waitFor('readiness to end', isToldSo, DEADLINE);
  assert.equal((await readiness()).status, 503);
  const { body } = await author.post('/api/feed/').send({ text: 'nowhere to go' }).expect(503);
  assert.equal(body.type, '/problems/unavailable');
  await author.get(`/api/feed/${pubId}`).expect(200);

  await failOver('off');
  await waitFor('readiness', async () => (await readiness()).status === 200, DEADLINE);
  await publish(author);
});

test('a service that publishes no events shows no outbox', async () => {
  const metrics = await (await fetch(`${feed.metricsUrl}/metrics`)).text();
  assert.doesNotMatch(metrics, /outbox/);
  assert.match(metrics, /^events_consumed_total\{group="feed",topic="user-deleted",outcome="handled",.*\} 0$/m);
});
