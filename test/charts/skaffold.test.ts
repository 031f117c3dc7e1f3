import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse, parseAllDocuments } from 'yaml';
import { root, services } from './charts.ts';
import { named, render, unrendered } from './rendered.ts';
import {
  behindDefaultRepo,
  missingPaths,
  readSkaffold,
  type Skaffold,
  syncedTo,
  unusedArtifacts,
  withProfile,
} from './skaffold-rules.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const skaffold = readSkaffold(read('skaffold.yaml'));
const profiles = skaffold.profiles.map(({ name }) => name);
const changed = (change: (config: Skaffold) => void): Skaffold => {
  const copy = structuredClone(skaffold);
  change(copy);
  return copy;
};

describe('skaffold.yaml', () => {
  test('builds each service, and the chart takes what it has built', () => {
    assert.deepEqual(
      skaffold.build.artifacts.map(({ docker }) => docker.buildArgs.SERVICE),
      services,
    );
    assert.deepEqual(unusedArtifacts(skaffold), []);
  });
  test('names images as the chart does, also behind a registry', () => {
    for (const { image, docker } of skaffold.build.artifacts) {
      const { repository } = parse(read(`charts/${docker.buildArgs.SERVICE}/values.yaml`)).image;
      assert.equal(image, repository);
      assert.equal(behindDefaultRepo('registry.example.org/wave', image), `registry.example.org/wave/${repository}`);
    }
  });
  test('names what is there', () => assert.deepEqual(missingPaths(skaffold), []));
  test('forwards a port of the gateway', { skip: unrendered }, () => {
    const [forward] = skaffold.portForward;
    const { spec } = named(render(), 'Service', forward?.resourceName ?? '');
    assert.equal(spec.ports[0].port, forward?.port);
    assert.equal(forward?.localPort, 8080);
  });

  for (const profile of profiles) {
    describe(`with the profile ${profile}`, () => {
      test('deploys with values that are there, and to a namespace that k8s/namespaces.yaml makes', () => {
        const config = withProfile(skaffold, profile);
        const [release] = config.deploy.helm.releases;
        const namespaces = parseAllDocuments(read('k8s/namespaces.yaml')).map((each) => each.toJS().metadata.name);
        assert.deepEqual(missingPaths(config), []);
        assert.deepEqual(release?.valuesFiles, [`charts/wave-connect/values-${profile}.yaml`]);
        assert.ok(namespaces.includes(release?.namespace));
        assert.equal(config.portForward[0]?.namespace, release?.namespace);
      });
    });
  }

  describe('while developing', () => {
    for (const service of services) {
      test(`copies what ${service} runs, and the contract`, () => {
        const copied = ['services/SERVICE/src/main.ts', 'packages/chassis/src/service/run.ts', 'openapi.yaml'];
        for (const file of copied.map((path) => path.replace('SERVICE', service)))
          assert.ok(syncedTo(skaffold, service, file).includes(`/app/${file}`), file);
      });
    }
    test('copies each source file of the services and what they share', () => {
      const sources = globSync(['services/*/src/**/*.*', 'packages/{chassis,proto}/{src,waveconnect}/**/*.*'], {
        cwd: root,
      });
      assert.ok(sources.length > 200);
      assert.deepEqual(
        sources.filter((file) => syncedTo(skaffold, 'feed', file).length === 0),
        [],
      );
    });
    test('builds anew for schemas, migrations and dependencies', () => {
      const built = globSync(['services/feed/{package.json,prisma/**/*.*}', 'packages/chassis/package.json'], {
        cwd: root,
      });
      assert.ok(built.length > 3);
      for (const file of built) assert.deepEqual(syncedTo(skaffold, 'feed', file), [], file);
    });
    test('the contract is copied into a folder that Node watches', { skip: unrendered }, () => {
      const { spec } = named(render('values-dev.yaml'), 'Deployment', 'wave-feed');
      const { command } = spec.template.spec.containers[0];
      const watched = (command as string[])
        .flatMap((argument) => /^--watch-path=(.*)/.exec(argument)?.[1] ?? [])
        .map((path) => join('/app/services/feed', path));
      assert.ok(watched.length > 0);
      const copies = syncedTo(skaffold, 'feed', 'openapi.yaml');
      assert.ok(copies.some((copy) => watched.some((folder) => copy.startsWith(`${folder}/`))));
    });
  });

  test('an image that no value takes is noticed', () => {
    const wrong = changed(({ deploy }) => {
      delete deploy.helm.releases[0]?.setValueTemplates?.['chat.image.tag'];
    });
    assert.deepEqual(unusedArtifacts(wrong), [skaffold.build.artifacts[2]?.image]);
  });
  test('files and sources that are gone are noticed', () => {
    const wrong = changed(({ build, deploy }) => {
      build.artifacts[0]?.sync?.manual.push({ src: 'gone/**', dest: '/app' });
      Object.assign(deploy.helm.releases[0] ?? {}, { valuesFiles: ['gone.yaml'] });
    });
    assert.deepEqual(missingPaths(wrong), ['gone.yaml', 'gone/**']);
  });
  test('a patch of nothing, and one that replaces what is empty, are noticed', () => {
    const patched = (path: string, op: string) =>
      changed(({ deploy, profiles }) => {
        Object.assign(deploy.helm.releases[0] ?? {}, { valuesFiles: [] });
        profiles[0]?.patches.splice(0, Number.POSITIVE_INFINITY, { op, path, value: ['x'] });
      });
    const [profile = ''] = profiles;
    const use = (path: string, op: string) => withProfile(patched(path, op), profile);
    assert.throws(() => use('/build/gone/x', 'add'), { message: 'invalid path: /build/gone/x' });
    const path = '/deploy/helm/releases/0/valuesFiles';
    assert.throws(() => use(path, 'replace'), { message: `invalid path: ${path}` });
    assert.deepEqual(use(path, 'add').deploy.helm.releases[0]?.valuesFiles, ['x']);
  });
});
