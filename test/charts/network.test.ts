import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { dataServices, services } from './charts.ts';
import { reaches } from './network-rules.ts';
import { type Pod, podsOf } from './pods.ts';
import { named, ofKind, type Resource, render, unrendered } from './rendered.ts';

const CLUSTER = 'wave-kafka';

/** The broker as Strimzi makes it of the Kafka resource, with the policy that it writes for the listener. */
function kafkaOf(resources: Resource[]): { pod: Pod; policy: Resource } {
  const labels = { 'strimzi.io/cluster': CLUSTER, 'strimzi.io/name': `${CLUSTER}-kafka` };
  const [listener] = named(resources, 'Kafka', CLUSTER).spec.kafka.listeners;
  const ports = [{ name: 'kafka', containerPort: listener.port }];
  const ingress = [{ ports: [{ port: listener.port }], from: listener.networkPolicyPeers }];
  return {
    pod: { owner: 'Kafka', labels, spec: { containers: [{ ports }] } },
    policy: {
      kind: 'NetworkPolicy',
      metadata: {},
      spec: { podSelector: { matchLabels: labels }, policyTypes: ['Ingress'], ingress },
    },
  };
}

describe('who reaches whom', { skip: unrendered }, () => {
  const resources = unrendered ? [] : render('ci/backup-values.yaml');
  const kafka = unrendered ? undefined : kafkaOf(resources);
  const policies = [...ofKind(resources, 'NetworkPolicy'), ...(kafka ? [kafka.policy] : [])];
  const stranger: Pod = { owner: 'stranger', labels: { app: 'other' }, spec: { containers: [] } };
  const pods = [...podsOf(resources), ...(kafka ? [kafka.pod] : []), stranger];
  const migrationOf = (name: string) => pods.find(({ owner }) => owner.startsWith(`Job/wave-${name}-migrate-`))?.owner;
  const pod = (owner: string) => pods.find((each) => each.owner === owner) as Pod;
  const callersOf = (owner: string, port: string, rules = policies) =>
    pods
      .filter((each) => each.owner !== owner && reaches(rules, each, pod(owner), port))
      .map((each) => each.owner)
      .sort();

  for (const name of dataServices) {
    test(`${name} is reached by the gateway, and by the check that events flow`, () => {
      assert.deepEqual(callersOf(`Deployment/wave-${name}`, 'http'), [
        ...(name === 'auth' ? ['Deployment/wave-chat'] : []),
        'Deployment/wave-gateway',
        'Job/wave-events-check',
      ]);
    });
    test(`${name}'s database is reached by ${name}, its migration, its dumps`, () => {
      assert.deepEqual(callersOf(`StatefulSet/wave-${name}-db`, 'postgres'), [
        `CronJob/wave-${name}-backup`,
        `CronJob/wave-${name}-restore`,
        `Deployment/wave-${name}`,
        migrationOf(name),
      ]);
    });
  }
  test("profile's gRPC is reached by feed alone", () => {
    assert.deepEqual(callersOf('Deployment/wave-profile', 'grpc'), ['Deployment/wave-chat', 'Deployment/wave-feed']);
  });
  test('the gateway is reached by the test and by whatever is not of the release', () => {
    assert.deepEqual(callersOf('Deployment/wave-gateway', 'http'), ['Kafka', 'Pod/wave-test', 'stranger']);
  });
  test('Kafka is reached by the services with data', () => {
    assert.deepEqual(
      callersOf('Kafka', 'kafka'),
      dataServices.map((name) => `Deployment/wave-${name}`),
    );
  });
  test('metrics are reached by nobody unless asked for', () => {
    for (const name of services) assert.deepEqual(callersOf(`Deployment/wave-${name}`, 'metrics'), []);
  });

  test('a policy that lets in more is noticed', () => {
    const open = {
      kind: 'NetworkPolicy',
      metadata: {},
      spec: { podSelector: {}, policyTypes: ['Ingress'], ingress: [{}] },
    };
    assert.ok(callersOf('Deployment/wave-auth', 'http', [...policies, open]).includes('stranger'));
  });
  test('a policy that is missing is noticed', () => {
    const without = policies.filter(
      ({ spec }) => spec.podSelector.matchLabels['app.kubernetes.io/component'] !== 'service',
    );
    assert.deepEqual(callersOf('Deployment/wave-auth', 'http', without), []);
  });
});
