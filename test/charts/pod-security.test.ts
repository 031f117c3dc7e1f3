import assert from 'node:assert/strict';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { root } from './charts.ts';
import { faultsOf } from './pod-rules.ts';
import { type Pod, podsOf } from './pods.ts';
import { render, unrendered } from './rendered.ts';

describe('pods of the charts', { skip: unrendered }, () => {
  for (const values of globSync('{ci/*,values-*}.yaml', { cwd: join(root, 'charts/wave-connect') }).sort()) {
    test(`meet the standard \`restricted\`: ${values}`, () => {
      const pods = podsOf(render(values));
      assert.ok(pods.length >= 10, 'five services, four migrations, a test');
      assert.deepEqual(pods.flatMap(faultsOf), []);
    });
  }

  const [pod] = unrendered ? [] : podsOf(render()).filter(({ owner }) => owner === 'Deployment/wave-auth');
  const having = (change: object): Pod => ({ ...(pod as Pod), spec: { ...pod?.spec, ...change } });
  const container = (change: object) => having({ containers: [{ ...pod?.spec.containers[0], ...change }] });
  for (const [what, wrong, fault] of [
    ['a token', having({ automountServiceAccountToken: true }), 'holds a token'],
    ['the network of the node', having({ hostNetwork: true }), 'hostNetwork'],
    ['a folder of the node', having({ volumes: [{ name: 'v', hostPath: { path: '/' } }] }), 'volume v'],
    ['root', having({ securityContext: { runAsNonRoot: false } }), 'auth: may become root'],
    ['no context', container({ securityContext: {} }), 'auth: keeps capabilities'],
    ['no limit', container({ resources: {} }), 'auth: has no memory limit'],
  ] as const) {
    test(`${what} is noticed`, () => assert.ok(faultsOf(wrong).includes(`Deployment/wave-auth: ${fault}`)));
  }
});
