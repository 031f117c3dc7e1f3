import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { runCanary } from '../faults/storm/recovery.ts';
import { diagnoseFirstFailure } from './diagnosis.ts';
import { isReady, kubectl, list, type Resource } from './kubectl.ts';
import { openNodePort } from './node-port.ts';
import { createRelease, type Release } from './release.ts';

const NAMESPACE = 'wave-e2e-drain';
const TWO_OF_EACH = Object.fromEntries(
  ['gateway', 'auth', 'chat', 'feed', 'profile'].map((service) => [`${service}.replicaCount`, 2]),
);
const READY = { deadlineMs: 300_000, everyMs: 1_000 };
const CANARY_MS = 120_000;
const ASK_EVERY_MS = 100;

/** Nodes that take any pod. */
const workers = (await kubectl(['get', 'nodes', '-o', 'json']).then(JSON.parse)).items
  .filter(({ spec }: Resource) => !spec.unschedulable && !spec.taints?.length)
  .map(({ metadata }: Resource): string => metadata.name);
const skip = workers.length < 2 && `the cluster has ${workers.length} node that takes pods; two are needed`;

describe('a node that is drained', { skip }, () => {
  let release: Release;
  let url: string;
  const [drained = ''] = workers;

  before(async () => {
    release = await createRelease({ namespace: NAMESPACE, values: ['test/cluster/values.yaml'] });
    await release.install(TWO_OF_EACH);
    url = await openNodePort(release);
  });
  after(async () => {
    await kubectl(['uncordon', drained]);
    await release?.remove();
  });
  diagnoseFirstFailure(() => release);

  const namesOf = (pods: Resource[]) => pods.map(({ metadata }) => metadata.labels['app.kubernetes.io/name']);
  /** Services whose database has its volume on the node, which on kind stays there. */
  const bound = async () => {
    const volumes = await list(NAMESPACE, 'persistentvolumeclaims');
    const there = volumes.filter(
      ({ metadata }) => metadata.annotations['volume.kubernetes.io/selected-node'] === drained,
    );
    return there.map(({ metadata }) => metadata.labels['app.kubernetes.io/name']);
  };

  test('no service has all its pods on one node', async () => {
    const pods = await release.pods('service');
    for (const name of new Set(namesOf(pods))) {
      const nodes = pods.filter(({ metadata }) => metadata.labels['app.kubernetes.io/name'] === name);
      assert.equal(new Set(nodes.map(({ spec }) => spec.nodeName)).size, 2, name);
    }
  });

  test('is emptied without a request that the gateway fails', async () => {
    const failures: string[] = [];
    const stop = new AbortController();
    const asking = (async () => {
      while (!stop.signal.aborted) {
        const response = await fetch(`${url}/livez`).catch((error: Error) => ({ ok: false, status: error.message }));
        if (!response.ok) failures.push(String(response.status));
        await sleep(ASK_EVERY_MS);
      }
    })();
    await kubectl(['drain', drained, '--ignore-daemonsets', '--delete-emptydir-data', '--timeout=5m']);
    stop.abort();
    await asking;
    assert.deepEqual(failures, []);
  });

  test('takes nothing away but services whose volume it has', async (t) => {
    const waiting = await bound();
    t.diagnostic(`waiting for their volume: ${waiting.join(', ') || 'none'}`);
    const others = async () =>
      (await release.pods('service')).filter(
        ({ metadata }) => !waiting.includes(metadata.labels['app.kubernetes.io/name']),
      );
    await waitFor('the others to be ready', async () => (await others()).every(isReady), READY);
    for (const { spec } of await others()) assert.notEqual(spec.nodeName, drained);
  });

  test('brings all back once it takes pods again, and events flow', async () => {
    await kubectl(['uncordon', drained]);
    const all = async () => [...(await release.pods('service')), ...(await release.pods('postgres'))];
    await waitFor('all to be ready', async () => (await all()).every(isReady), READY);
    await runCanary(url, AbortSignal.timeout(CANARY_MS));
  });
});
