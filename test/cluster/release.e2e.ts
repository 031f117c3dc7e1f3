import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { ManagedProcess } from '@wave-connect/dev-env/processes';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { testJourney } from '../journeys/journey.ts';
import { testPage } from '../support/page.ts';
import { testChartVersion } from './chart-version.ts';
import { testDevelopment } from './development.ts';
import { diagnoseFirstFailure } from './diagnosis.ts';
import { deleteKafkaPod, untilEventsFlow } from './events.ts';
import { testFirstInstall } from './first-install.ts';
import { testHealing } from './heal.ts';
import { isReady, list, longLived } from './kubectl.ts';
import { memoryOf } from './memory.ts';
import { testNetwork } from './network.ts';
import { startOperator } from './operator.ts';
import { forwardPort, type PortForward } from './port-forward.ts';
import { testReinstall } from './reinstall.ts';
import { createRelease, type Release } from './release.ts';
import { testRestore } from './restore.ts';
import { testRotation } from './rotation.ts';
import { testUpgrade } from './upgrade.ts';

const NAMESPACE = 'wave-e2e';
/** More than a minute after the install, by when an operator has settled what it makes. */
const KAFKA_IS_BACK = { deadlineMs: 90_000, everyMs: 500 };

describe('the umbrella chart, with its own databases and Kafka', () => {
  let release: Release;
  let operator: ManagedProcess | undefined;
  const it = () => release;

  before(async () => {
    release = await createRelease({ namespace: NAMESPACE, values: ['test/cluster/values.yaml'] });
  });
  after(async () => {
    await release?.remove();
    await operator?.stop();
  });
  diagnoseFirstFailure(() => release);

  testFirstInstall(it, async () => {
    operator = await startOperator(NAMESPACE);
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

  test("events flow again after Kafka's pod was deleted, and all is ready", async (t) => {
    const begun = performance.now();
    const forward = await forwardPort(NAMESPACE, `service/${release.name}-gateway`, 80);
    try {
      await deleteKafkaPod(release);
      await untilEventsFlow(`http://127.0.0.1:${forward.port}`, KAFKA_IS_BACK);
      t.diagnostic(`events flow after ${Math.round((performance.now() - begun) / 1_000)} s`);
      const allReady = async () => (await list(NAMESPACE, 'pods', longLived)).every(isReady);
      await waitFor('every pod to be ready', allReady, KAFKA_IS_BACK);
    } finally {
      await forward.close();
    }
  });

  testChartVersion(it);
  testUpgrade(it);
  testRotation(it);
  testHealing(it);
  testRestore(it);

  testReinstall(it);
  testDevelopment(it);
});
