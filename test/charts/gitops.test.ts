import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { root } from './charts.ts';
import { ofKind, parseResources, type Resource, renderText, unrendered } from './rendered.ts';

const VALUES = 'values-gitops.yaml';
/** The annotation that makes a resource one of Helm's steps. Other tools take it for an ordinary one, or for a step of theirs. */
const HOOK = 'helm.sh/hook';

const set = (...settings: string[]) => settings.flatMap((setting) => ['--set', setting]);
const rendered = (...settings: string[]): Resource[] =>
  parseResources(renderText(VALUES, undefined, ...set(...settings)));
const jobs = (resources: Resource[]): string[] => ofKind(resources, 'Job').map(({ metadata }) => metadata.name);
const migrations = (resources: Resource[], service: string): string[] =>
  jobs(resources).filter((name) => name.startsWith(`wave-${service}-migrate-`));

/** Jobs that both renderings have under one name, with templates that differ: the API server refuses such a change. */
function refused(before: Resource[], after: Resource[]): string[] {
  const templates = (resources: Resource[]) =>
    new Map(ofKind(resources, 'Job').map(({ metadata, spec }) => [metadata.name, JSON.stringify(spec.template)]));
  const is = templates(after);
  return [...templates(before)].filter(([name, was]) => is.has(name) && is.get(name) !== was).map(([name]) => name);
}

describe('the chart for tools that only render', { skip: unrendered }, () => {
  test('renders to the same bytes twice', () => {
    assert.equal(renderText(VALUES), renderText(VALUES));
  });
  test('a revision of the release changes nothing', () => {
    assert.equal(renderText(VALUES, undefined, '--is-upgrade'), renderText(VALUES));
  });
  test('has no steps of Helm, no generated secrets, and no Job that ends itself', () => {
    const all = rendered(...['auth', 'chat', 'feed', 'profile'].map((name) => `${name}.postgres.backup.enabled=true`));
    assert.deepEqual(ofKind(all, 'Secret'), []);
    assert.deepEqual(
      all.filter(({ metadata }) => HOOK in (metadata.annotations ?? {})).map(({ kind }) => kind),
      [],
    );
    assert.equal(ofKind(all, 'PersistentVolumeClaim').length, 4);
    assert.equal(ofKind(all, 'Job').length, 4);
    for (const { spec } of ofKind(all, 'Job')) assert.equal(spec.ttlSecondsAfterFinished, undefined);
  });

  test('says nothing that the API server leaves out, which a tool would take for a change each time', () => {
    for (const { metadata, spec } of ofKind(rendered(), 'NetworkPolicy')) {
      for (const rules of [spec.ingress, spec.egress]) assert.notDeepEqual(rules, [], metadata.name);
    }
  });

  test('a release of another tag has Jobs of other names, so that none is changed', () => {
    const [before, after] = [rendered('global.imageTag=1.0.0'), rendered('global.imageTag=1.1.0')];
    assert.equal(jobs(before).length, 4);
    assert.deepEqual(
      jobs(before).filter((name) => jobs(after).includes(name)),
      [],
    );
    assert.deepEqual(refused(before, after), []);
  });
  test('what a migration does not run with leaves its Job alone', () => {
    const [before, after] = [
      rendered(),
      rendered('chat.replicaCount=3', 'chat.env.WS_MAX_SOCKETS=5', 'chat.migrate.backoffLimit=2'),
    ];
    assert.deepEqual(jobs(after), jobs(before));
    assert.deepEqual(refused(before, after), []);
  });
  for (const setting of [
    'feed.podLabels.team=feed',
    'feed.extraEnv[0].name=A,feed.extraEnv[0].value=1',
    'feed.migrate.resources.limits.memory=1Gi',
    'feed.podSecurityContext.runAsUser=1001',
    'feed.nodeSelector.disk=fast',
    'global.imagePullSecrets={registry}',
  ]) {
    test(`${setting} makes another Job of it`, () => {
      const [before, after] = [rendered(), rendered(setting)];
      assert.notDeepEqual(migrations(after, 'feed'), migrations(before, 'feed'));
      assert.deepEqual(refused(before, after), []);
    });
  }
  test('names stay DNS labels, and those of two services differ', () => {
    const long = (service: string) =>
      `${service}.fullnameOverride=${'the-very-long-name-of-one-release-of-all-'}${service}`;
    const names = jobs(rendered(long('auth'), long('chat'), long('feed'), long('profile')));
    assert.equal(new Set(names).size, 4);
    for (const name of names) assert.match(name, /^[a-z0-9-]{1,63}$/);
  });

  for (const [setting, wanted] of [
    ['global.jwt.existingSecret=', 'global.jwt.existingSecret'],
    ['feed.postgres.auth.existingSecret=', 'feed.postgres.auth.existingSecret'],
    ['kafka.users.feed.existingSecret=,feed.kafka.existingSecret=', 'kafka.users.feed.existingSecret'],
  ] as const) {
    test(`a secret that would be generated is refused: ${wanted}`, () => {
      assert.throws(
        () => rendered(setting),
        ({ stderr }: { stderr: string }) => stderr.includes(`set ${wanted}`),
      );
    });
  }
});

test('the manifests of docs/deploying.md are YAML, and name files of values that there are', () => {
  const [, section = ''] =
    /^### Argo CD and Flux\n(.*?)^### /ms.exec(readFileSync(join(root, 'docs/deploying.md'), 'utf8')) ?? [];
  const manifests = [...section.matchAll(/^```yaml\n(.*?)^```/gms)].flatMap(([, text = '']) => parseResources(text));
  assert.deepEqual(
    manifests.map(({ kind }) => kind),
    ['Application', 'GitRepository', 'HelmRelease', 'Kustomization'],
  );
  const [application, , release] = manifests as [Resource, Resource, Resource];
  const { path, helm } = application.spec.source;
  const files = [...helm.valueFiles.map((file: string) => join(path, file)), ...release.spec.chart.spec.valuesFiles];
  assert.deepEqual(
    files.filter((file) => !existsSync(join(root, file))),
    [],
  );
});
