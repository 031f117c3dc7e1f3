import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { Person } from '../support/person.ts';
import { apply, get, kubectl, list, readSecret, untilCondition } from './kubectl.ts';
import { bringsOperator } from './operator.ts';
import { forwardPort, type PortForward } from './port-forward.ts';
import type { Release } from './release.ts';

const COMES_UP = { deadlineMs: 300_000, everyMs: 500 };
/** The password of a user whose Secret the operator has made for an earlier version of the chart. */
const PASSWORD_BEFORE = 'from-the-operator-of-before';

/**
 * Tests that a new release serves before there is a Kafka, and that `helm install --wait` returns when events flow.
 * `startOperator` lets the operator's work begin, where these tests bring it.
 */
export function testFirstInstall(release: () => Release, startOperator: () => Promise<void>): void {
  describe('a first install', () => {
    let forward: PortForward;
    let installed: Promise<void>;
    let begun: number;
    let ada: Person;
    let post: string;
    const seconds = () => Math.round((performance.now() - begun) / 1_000);
    const kafka = () => `${release().name}-kafka`;

    after(() => forward?.close());

    test('services become ready without Kafka, its users and its certificate authority', async (t) => {
      const { name, namespace } = release();
      await apply(namespace, operatorsSecret(`${kafka()}-feed`));
      begun = performance.now();
      installed = release().install();
      installed.catch(() => {});
      const deployed = async () => (await list(namespace, 'deployments')).length === 5;
      await waitFor('the Deployments', deployed, COMES_UP);
      await untilCondition(namespace, 'deployment --all', 'condition=Available');
      forward = await forwardPort(namespace, `service/${name}-gateway`, 80);
      t.diagnostic(`ready after ${seconds()} s`);
    });

    test('a person signs in, posts and reads before Kafka is ready', async (t) => {
      // The cluster's network follows readiness a moment later.
      const posts = async () => {
        ada = await Person.join(`http://127.0.0.1:${forward.port}`);
        const created = await ada.ask('POST', 'feed/', { text: 'before there is a Kafka' });
        post = created.body.id;
        return created.status === 201;
      };
      await waitFor('a person to sign in and post', posts, COMES_UP);
      assert.equal((await ada.get(`feed/${post}`)).status, 200);
      t.diagnostic(`a post after ${seconds()} s`);
      if (bringsOperator) assert.equal((await get(release().namespace, 'kafka', kafka())).status, undefined);
    });

    test('what happened meanwhile takes effect once Kafka is there', async (t) => {
      await startOperator();
      const hasProfile = async () => (await ada.get(`profile/${ada.id}`)).status === 200;
      await waitFor('the profile of who registered before', hasProfile, COMES_UP);
      t.diagnostic(`events after ${seconds()} s`);
    });

    test('helm returns when events flow', async (t) => {
      await installed;
      t.diagnostic(`installed after ${seconds()} s`);
      const { namespace, pods } = release();
      assert.equal((await pods('service')).length, 5);
      assert.equal((await pods('postgres')).length, 4);
      await kubectl(['wait', 'kafka', kafka(), '-n', namespace, '--for=condition=Ready', '--timeout=1s']);
    });

    test('a user of an earlier version of the chart keeps their password', async () => {
      const { password } = await readSecret(release().namespace, `${kafka()}-feed-password`);
      assert.equal(password, PASSWORD_BEFORE);
    });
  });
}

const operatorsSecret = (name: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData: { password: PASSWORD_BEFORE },
});
