import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DATA_SERVICES } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { run } from '../support/command.ts';
import { Person } from '../support/person.ts';
import { apply, execute, kubectl, list, untilCondition } from './kubectl.ts';
import { makeNamespace, removeNamespace } from './namespace.ts';
import { forwardPort } from './port-forward.ts';
import { IMAGE_TAG, NEXT_IMAGE_TAG } from './release.ts';

const NAMESPACE = 'wave-e2e-gitops';
const VALUES = ['charts/wave-connect/values-gitops.yaml', 'test/cluster/values.yaml'];
/** Services serve without a Kafka, and so this release is a small one. */
const NO_KAFKA = ['kafka.enabled=false', 'global.kafka.external.brokers={kafka.example.org:9093}'];
const COMES_UP = { deadlineMs: 60_000, everyMs: 500 };

/** What a tool that only renders has for a tag. */
async function rendered(tag: string): Promise<string> {
  const values = VALUES.flatMap((file) => ['--values', file]);
  const settings = [...NO_KAFKA, `global.imageTag=${tag}`].flatMap((setting) => ['--set', setting]);
  return run('helm', ['template', 'wave', 'charts/wave-connect', '--namespace', NAMESPACE, ...values, ...settings]);
}

/** Applies a release of that tag, until all pods are ready. */
async function release(tag: string): Promise<void> {
  await kubectl(['apply', '-n', NAMESPACE, '-f', '-'], { input: await rendered(tag) });
  await kubectl(['rollout', 'status', 'deployment,statefulset', '-n', NAMESPACE, '--timeout=5m']);
}

/** How often each resource was changed, by kind and name. */
async function generations(): Promise<Record<string, number>> {
  const all = await list(NAMESPACE, 'deployments,statefulsets,jobs,networkpolicies,poddisruptionbudgets');
  return Object.fromEntries(all.map(({ kind, metadata }) => [`${kind}/${metadata.name}`, metadata.generation]));
}

const secret = (name: string, stringData: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData,
});
const columns = () =>
  execute(
    NAMESPACE,
    'wave-feed-db-0',
    `psql -U feed -d feed_db -At -c "SELECT column_name FROM information_schema.columns WHERE table_name = 'publications'"`,
  );
const migrations = async () => (await list(NAMESPACE, 'jobs')).map(({ metadata }) => metadata.name);

describe('the umbrella chart, rendered and applied by kubectl alone', () => {
  before(async () => {
    await makeNamespace(NAMESPACE);
    await run('helm', ['dependency', 'build', 'charts/wave-connect']);
    await apply(
      NAMESPACE,
      secret('wave-jwt', { 'jwt-secret': 'a-secret-that-signs-tokens-of-this-test' }),
      ...DATA_SERVICES.map((name) => secret(`wave-${name}-database`, { password: `password-of-${name}` })),
    );
  });
  after(() => removeNamespace(NAMESPACE));

  let first: string[];

  test('a first release migrates and serves', async () => {
    await release(IMAGE_TAG);
    first = await migrations();
    assert.equal(first.length, DATA_SERVICES.length);
    const forward = await forwardPort(NAMESPACE, 'service/wave-gateway', 80);
    try {
      const posts = async () => {
        const person = await Person.join(`http://127.0.0.1:${forward.port}`);
        return (await person.ask('POST', 'feed/', { text: 'applied by kubectl' })).status === 201;
      };
      await waitFor('a person to sign in and post', posts, COMES_UP);
    } finally {
      await forward.close();
    }
  });

  test('the same once more changes nothing', async () => {
    const before = await generations();
    assert.ok(Object.keys(before).length > 20);
    await release(IMAGE_TAG);
    assert.deepEqual(await generations(), before);
  });

  test('a second release with another tag migrates', async () => {
    assert.doesNotMatch(await columns(), /^e2e$/m);
    await release(NEXT_IMAGE_TAG);
    assert.match(await columns(), /^e2e$/m);
    assert.equal((await migrations()).filter((name) => !first.includes(name)).length, DATA_SERVICES.length);
  });

  test('the first one comes back, although its Jobs are there', async () => {
    await release(IMAGE_TAG);
    await untilCondition(NAMESPACE, 'jobs --all', 'condition=Complete');
    const images = (await list(NAMESPACE, 'deployments')).map(({ spec }) => spec.template.spec.containers[0].image);
    assert.equal(images.length, 5);
    for (const image of images) assert.match(image, new RegExp(`:${IMAGE_TAG}$`));
  });
});
