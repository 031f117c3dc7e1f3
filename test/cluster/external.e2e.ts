import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { DATA_SERVICES } from '@wave-connect/dev-env/system';
import { testJourney } from '../journeys/journey.ts';
import { startBackingPostgres } from './backing-postgres.ts';
import { diagnoseFirstFailure } from './diagnosis.ts';
import { apply, list, readSecret, untilCondition } from './kubectl.ts';
import { forwardPort, type PortForward } from './port-forward.ts';
import { createRelease, type Release } from './release.ts';

/** test/cluster/external-values.yaml names what is in the latter. */
const NAMESPACE = 'wave-e2e-external';
const BACKING = 'wave-e2e-backing';
const KAFKA = 'backing-kafka';

const secret = (name: string, stringData: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name },
  stringData,
});

describe('the umbrella chart on a Postgres and a Kafka of other people', () => {
  let backing: Release;
  let release: Release;
  let forward: PortForward;

  before(async () => {
    backing = await createRelease({ name: 'backing', namespace: BACKING, chart: 'kafka' });
    release = await createRelease({
      namespace: NAMESPACE,
      values: ['test/cluster/values.yaml', 'test/cluster/external-values.yaml'],
    });
  });
  after(async () => {
    await forward?.close();
    await release?.remove();
    await backing?.remove();
  });
  diagnoseFirstFailure(() => release);

  test('charts/kafka installs by itself, beside a Postgres that speaks TLS', async () => {
    const peer = 'networkPolicy.extraPeers[0].namespaceSelector.matchLabels.kubernetes\\.io/metadata\\.name';
    await backing.install({ [peer]: NAMESPACE });
    await untilCondition(BACKING, 'kafkauser,kafkatopic --all', 'condition=Ready');
    const { host, passwords, ca } = await startBackingPostgres(BACKING);
    const url = `postgres://auth:${passwords.auth}@${host}:5432/auth_db?sslmode=verify-full&sslrootcert=/run/postgres-ca/ca.crt`;
    await apply(NAMESPACE, secret('auth-database', { url }), secret('postgres-ca', { 'ca.crt': ca }));
    for (const name of DATA_SERVICES) {
      await apply(NAMESPACE, secret(`${name}-password`, { password: passwords[name] }));
      const { password = '' } = await readSecret(BACKING, `${KAFKA}-${name}`);
      await apply(NAMESPACE, secret(`kafka-${name}`, { username: `${KAFKA}-${name}`, password }));
    }
    const { 'ca.crt': kafkaCa = '' } = await readSecret(BACKING, `${KAFKA}-cluster-ca-cert`);
    await apply(NAMESPACE, secret('kafka-ca', { 'ca.crt': kafkaCa }));
  });

  test('the umbrella installs by values alone, and brings neither of its own', async () => {
    await release.install();
    assert.equal((await release.pods('service')).length, 5);
    assert.deepEqual(await list(NAMESPACE, 'statefulsets,kafkas,kafkatopics,kafkausers'), []);
    forward = await forwardPort(NAMESPACE, `service/${release.name}-gateway`, 80);
  });

  describe('a journey', () => {
    testJourney(() => `http://127.0.0.1:${forward.port}`);
  });

  test('helm test passes', async () => assert.match(await release.test(), /auth told all that the account is gone/));
});
