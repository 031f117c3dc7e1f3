import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { testJourney } from '../journeys/journey.ts';
import { testPage } from '../support/page.ts';
import { testDevelopment } from './development.ts';
import { diagnoseFirstFailure } from './diagnosis.ts';
import { testHealing } from './heal.ts';
import { list } from './kubectl.ts';
import { everythingIn } from './leftovers.ts';
import { memoryOf } from './memory.ts';
import { testNetwork } from './network.ts';
import { forwardPort, type PortForward } from './port-forward.ts';
import { createRelease, type Release } from './release.ts';
import { testRestore } from './restore.ts';
import { testUpgrade } from './upgrade.ts';

const NAMESPACE = 'wave-e2e';

describe('the umbrella chart, with its own databases and Kafka', () => {
  let release: Release;
  const it = () => release;

  before(async () => {
    release = await createRelease({ namespace: NAMESPACE, values: ['test/cluster/values.yaml'] });
  });
  after(() => release?.remove());
  diagnoseFirstFailure(() => release);

  test('installs, and is there when helm says so', async (t) => {
    const begun = performance.now();
    await release.install();
    t.diagnostic(`installed in ${Math.round((performance.now() - begun) / 1_000)} s`);
    assert.equal((await release.pods('service')).length, 5);
    assert.equal((await release.pods('postgres')).length, 4);
  });

  test('no pod failed while it waited for what it stands on', async (t) => {
    for (const { metadata, status } of await list(NAMESPACE, 'pods')) {
      const statuses: { name: string; restartCount: number }[] = status.containerStatuses ?? [];
      for (const { name, restartCount } of statuses) assert.equal(restartCount, 0, `${metadata.name} ${name}`);
      assert.match(status.phase, /^(Running|Succeeded)$/, metadata.name);
    }
    t.diagnostic(`MiB at rest: ${JSON.stringify(await memoryOf(NAMESPACE))}`);
  });

  test('helm test passes', async () => assert.match(await release.test(), /auth told all that the account is gone/));

  describe('a journey through kubectl port-forward', () => {
    let forward: PortForward;
    before(async () => {
      forward = await forwardPort(NAMESPACE, `service/${release.name}-gateway`, 80);
    });
    after(() => forward?.close());
    testJourney(() => `http://127.0.0.1:${forward.port}`);
    testPage(() => `http://127.0.0.1:${forward.port}`);
  });

  testNetwork(it);
  testUpgrade(it);
  testHealing(it);
  testRestore(it);
  testDevelopment(it);

  test('uninstalling leaves its volumes and nothing else', async () => {
    await release.uninstall();
    const isClaim = (name: string) => name.startsWith('PersistentVolumeClaim/');
    const isGone = async () => (await everythingIn(NAMESPACE)).every(isClaim);
    await waitFor('all but claims to go', isGone, { deadlineMs: 120_000, everyMs: 1_000 });
    const claims = ['auth', 'chat', 'feed', 'profile'].map(
      (service) => `PersistentVolumeClaim/data-wave-${service}-db-0`,
    );
    const left = await everythingIn(NAMESPACE);
    for (const claim of [...claims, 'PersistentVolumeClaim/wave-feed-backup']) assert.ok(left.includes(claim), claim);
  });
});
