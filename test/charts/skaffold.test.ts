import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { root, services } from './charts.ts';
import { named, render, unrendered } from './rendered.ts';
import { lostPatches, missingPaths, readSkaffold, type Skaffold, unusedArtifacts } from './skaffold-rules.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const configs = readSkaffold(read('skaffold.yaml'));
const [strimzi, wave] = configs as [Skaffold, Skaffold];
const changed = (change: (wave: Skaffold) => void): Skaffold[] => {
  const copy = structuredClone(configs);
  change(copy[1] as Skaffold);
  return copy;
};

describe('skaffold.yaml', () => {
  test('builds each service, and the chart takes what it has built', () => {
    assert.deepEqual(
      wave.build?.artifacts.map(({ docker }) => docker.buildArgs.SERVICE),
      services,
    );
    assert.deepEqual(unusedArtifacts(configs), []);
  });
  test('names what is there', () => {
    assert.deepEqual(missingPaths(configs), []);
    assert.deepEqual(configs.flatMap(lostPatches), []);
  });
  test('brings the operator first', () => {
    assert.deepEqual(wave.requires, [{ configs: [strimzi.metadata.name] }]);
  });
  test('takes the version of the operator that k8s/README.md names', () => {
    const [release] = strimzi.deploy.helm.releases;
    assert.ok(read('k8s/README.md').includes(`--version ${release?.version}`));
  });
  test('uses namespaces that k8s/namespaces.yaml makes', () => {
    const there = parseAllDocuments(read('k8s/namespaces.yaml')).map((document) => document.toJS().metadata.name);
    const used = configs.flatMap(({ deploy }) => deploy.helm.releases.map(({ namespace }) => namespace));
    assert.deepEqual(
      [...used, 'wave-staging'].filter((name) => !there.includes(name)),
      [],
    );
  });
  test('forwards a port of the gateway', { skip: unrendered }, () => {
    const [forward] = wave.portForward ?? [];
    const { spec } = named(render(), 'Service', forward?.resourceName ?? '');
    assert.equal(spec.ports[0].port, forward?.port);
    assert.equal(forward?.localPort, 8080);
  });

  test('an image that no value takes is noticed', () => {
    const wrong = changed(({ deploy }) => {
      delete deploy.helm.releases[0]?.setValueTemplates?.['chat.image.tag'];
    });
    assert.deepEqual(unusedArtifacts(wrong), ['wave-connect/chat']);
  });
  test('a file that is gone is noticed', () => {
    const wrong = changed(({ deploy }) => deploy.helm.releases[0]?.valuesFiles.push('gone.yaml'));
    assert.deepEqual(missingPaths(wrong), ['gone.yaml']);
  });
  test('a patch of nothing is noticed', () => {
    const wrong = changed(({ profiles }) =>
      profiles?.[0]?.patches.push({ op: 'add', path: '/build/gone/x', value: 1 }),
    );
    assert.deepEqual(wrong.flatMap(lostPatches), ['/build/gone/x']);
  });
});
