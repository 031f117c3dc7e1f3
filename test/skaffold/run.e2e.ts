import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { kubectl } from '../cluster/kubectl.ts';
import { everythingIn } from '../cluster/leftovers.ts';
import { makeNamespace, removeNamespace } from '../cluster/namespace.ts';
import { forwardPort } from '../cluster/port-forward.ts';
import { testJourney } from '../journeys/journey.ts';
import { EVENTUALLY } from '../support/buses.ts';
import { run } from '../support/command.ts';
import { Person } from '../support/person.ts';
import { skaffold } from './skaffold.ts';

const NAMESPACE = 'wave-e2e-skaffold';
const HELM_MS = 660_000;
const GONE = { deadlineMs: 180_000, everyMs: 1_000 };

const helm = (...args: string[]) => run('helm', [...args, '--namespace', NAMESPACE], { timeoutMs: HELM_MS });
const deploy = () => skaffold('run', '--namespace', NAMESPACE);

describe('skaffold run', () => {
  let forward: Awaited<ReturnType<typeof forwardPort>> | undefined;
  const url = () => `http://127.0.0.1:${forward?.port}`;
  const open = async () => {
    await forward?.close();
    forward = await forwardPort(NAMESPACE, 'service/wave-gateway', 80);
  };
  let ada: Person;

  before(async () => {
    await makeNamespace(NAMESPACE);
  });
  after(async () => {
    await forward?.close();
    await removeNamespace(NAMESPACE);
  });

  test('builds, loads and deploys', async () => {
    await deploy();
    await open();
  });
  test('helm test passes', async () => {
    assert.match(await helm('test', 'wave', '--logs', '--timeout', '10m'), /auth told all that the account is gone/);
  });
  describe('a journey through kubectl port-forward', () => testJourney(url));

  test('helm upgrades what Skaffold has installed', async () => {
    ada = await Person.join(url());
    await helm(
      'upgrade',
      'wave',
      'charts/wave-connect',
      '--reuse-values',
      '--set',
      'feed.replicaCount=2',
      '--wait',
      '--timeout',
      '10m',
    );
    await open();
    assert.equal((await ada.at(url()).logIn()).status, 202);
  });

  test('uninstalling leaves volumes and nothing else', async () => {
    await skaffold('delete', '--namespace', NAMESPACE);
    const left = async () =>
      (await everythingIn(NAMESPACE)).filter((name) => !name.startsWith('PersistentVolumeClaim/'));
    await waitFor('all but claims to go', async () => (await left()).length === 0, GONE);
    assert.ok((await everythingIn(NAMESPACE)).includes('PersistentVolumeClaim/data-wave-auth-db-0'));
  });

  test('Kafka does not come back on a volume that it left, and Skaffold says so', async () => {
    await assert.rejects(deploy(), /An earlier Kafka wave-kafka left volumes/);
    await kubectl(['delete', 'pvc', '-n', NAMESPACE, '--selector', 'strimzi.io/cluster=wave-kafka']);
  });

  test('what is installed over the volumes of databases has their data, and events flow', async () => {
    await deploy();
    await open();
    assert.equal((await ada.at(url()).logIn()).status, 202);
    const bob = await Person.join(url());
    await waitFor('a profile, by event', async () => (await bob.get(`profile/${bob.id}`)).status === 200, EVENTUALLY);
  });
});
