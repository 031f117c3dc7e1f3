import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { testKafkaUnavailable } from '@wave-connect/dev-env/testing';
import { isOk, waitFor } from '@wave-connect/dev-env/waiting';
import { EVENTUALLY } from '../../support/buses.ts';
import { query } from '../../support/database.ts';
import { withAdmin } from '../../support/kafka.ts';
import { Person } from '../../support/person.ts';
import { createRandom } from '../../support/random.ts';
import { sum } from '../../support/statistics.ts';
import { CATALOG, faultsFor } from '../catalog.ts';
import { type Cluster, startCluster } from './cluster.ts';
import { toxiproxyUnavailable } from './links.ts';

const HOUR_MS = 3_600_000;
const NO_SPACE = '53100';

const noToxiproxy = async () => (process.env.CI === 'true' ? undefined : toxiproxyUnavailable());
const skip = testKafkaUnavailable() ?? (await noToxiproxy()) ?? false;

describe('a cluster to be hurt', { skip }, () => {
  let cluster: Cluster;

  before(async () => {
    cluster = await startCluster({ env: { LOG_LEVEL: 'fatal' } });
  });
  after(() => cluster?.stop());

  const responds = (url: string, path: string) => isOk(`${url}${path}`, 1_000).catch(() => false);
  const ready = (url: string) => responds(url, '/readyz');
  const can = (what: string) => !cluster.unavailable.some((each) => each.what === what);

  test('serves through its balancers and links', async () => {
    await Person.joinWithProfile(cluster.url);
  });

  test('a process that dies or freezes is started again, one that was taken down is not', async () => {
    const [dies, freezes] = cluster.replicas.feed;
    const [down] = cluster.replicas.profile;
    assert.ok(dies && freezes && down);
    await down.kill();
    process.kill(dies.pid, 'SIGKILL');
    freezes.pause();
    await waitFor('both restarts', () => cluster.unaskedRestarts.length === 2, EVENTUALLY);
    assert.deepEqual(cluster.unaskedRestarts, [
      { part: 'feed[0]', why: 'it ended by itself' },
      { part: 'feed[1]', why: '/livez failed' },
    ]);
    await waitFor('feed', async () => (await ready(dies.url)) && (await ready(freezes.url)), EVENTUALLY);
    assert.equal(await responds(down.url, '/livez'), false);
    await down.restart();
    await waitFor('profile', () => ready(down.url), EVENTUALLY);
  });

  test('a replica starts while its Postgres is down, whose commits outlive a kill', async () => {
    const [replica] = cluster.replicas.auth;
    assert.ok(replica);
    const { person } = await Person.register(cluster.url);
    await cluster.postgres.auth.kill();
    await replica.restart();
    await waitFor('the process', () => responds(replica.url, '/livez'), EVENTUALLY);
    assert.equal(await ready(replica.url), false);
    await cluster.postgres.auth.restart();
    await waitFor('the replica', () => ready(replica.url), EVENTUALLY);
    // The balancer follows readiness a moment later.
    await waitFor('the account', async () => (await person.logIn()).status === 202, EVENTUALLY);
  });

  test("a replica's clock is moved and moved back", async (t) => {
    if (!can('clock')) return t.skip('no libfaketime');
    const [replica] = cluster.replicas.chat;
    assert.ok(replica);
    const ahead = async () => {
      const date = (await fetch(`${replica.url}/health`)).headers.get('date');
      return Math.round((Date.parse(date ?? '') - Date.now()) / HOUR_MS);
    };
    await cluster.setClock(replica, 3_600);
    await waitFor('an hour ahead', async () => (await ahead()) === 1, EVENTUALLY);
    await cluster.setClock(replica, -3_600);
    await waitFor('an hour back', async () => (await ahead()) === -1, EVENTUALLY);
    await cluster.setClock(replica, 0);
    await waitFor('the right time', async () => (await ahead()) === 0, EVENTUALLY);
  });

  test('a Postgres whose disk is full says so, and is there again with what it had', async (t) => {
    if (!can('disk')) return t.skip('no disks of their own');
    const write = (statement: string) => query(cluster.databaseUrl('feed'), statement);
    await write(`CREATE TABLE filler AS SELECT 'kept' AS text`);
    await cluster.fillDisk('feed');
    const grow = `INSERT INTO filler SELECT repeat('x', 1000) FROM generate_series(1, 10000)`;
    await assert.rejects(write(grow), { code: NO_SPACE });
    await assert.rejects(write('SELECT pg_switch_wal(), pg_switch_wal()').then(() => write('CHECKPOINT')));
    await cluster.freeDisk('feed');
    assert.deepEqual(await write('SELECT text FROM filler'), [{ text: 'kept' }]);
    await write(grow);
  });

  test('profile is killed with an effect committed and its offset not', async () => {
    const fault = CATALOG.find(({ name }) => name === 'profile killed between effect and offset');
    const { heal } = (await fault?.inject(cluster, createRandom(1))) ?? assert.fail();
    // The fault has waited for the effect. Events that were published twice count twice in both.
    const { committed, published } = await offsets('profile', 'user-registered');
    assert.ok(committed < published, `${committed} committed of ${published}`);
    await heal();
  });

  /** How many events of a topic there are, and how many a group has committed, on all partitions. */
  const offsets = (groupId: string, topic: string) =>
    withAdmin(cluster, async (admin) => {
      const [{ partitions } = { partitions: [] }] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const total = (values: { offset: string }[]) => sum(values.map(({ offset }) => Math.max(0, Number(offset))));
      return { committed: total(partitions), published: total(await admin.fetchTopicOffsets(topic)) };
    });
});

test('faults have names of their own, and those that a machine cannot bring about are left out', () => {
  assert.equal(new Set(CATALOG.map(({ name }) => name)).size, CATALOG.length);
  assert.deepEqual(faultsFor({ unavailable: [] }), CATALOG);
  const without = faultsFor({ unavailable: [{ what: 'clock', why: 'a test' }] });
  assert.deepEqual(
    CATALOG.filter((fault) => !without.includes(fault)).map(({ name }) => name),
    ['a clock jumps an hour ahead', 'a clock jumps an hour back'],
  );
});
