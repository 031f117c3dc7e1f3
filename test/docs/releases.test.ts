import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const workflows = globSync('.github/workflows/*.yml', { cwd: root }).sort();

type Permissions = Record<string, string>;
type Workflow = {
  permissions?: Permissions;
  env: Record<string, string>;
  jobs: Record<string, { permissions?: Permissions }>;
};
const workflowOf = (path: string): Workflow => parse(read(path));

const USES = /^\s*(?:- )?uses: (\S+)(?: # (.*))?$/gm;

/** Actions of a workflow that are not pinned: by commit, with the version that it is of. */
const unpinned = (workflow: string): string[] =>
  [...workflow.matchAll(USES)]
    .filter(([, action = '', version = '']) => {
      const isPinned = /@[0-9a-f]{40}$/.test(action) && /^v\d+\.\d+\.\d+$/.test(version);
      return !(action.startsWith('./') || isPinned);
    })
    .map(([, action = '']) => action);

/** Jobs that may write, with what. */
const writers = (path: string): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(workflowOf(path).jobs).flatMap(([job, { permissions = {} }]) => {
      const written = Object.keys(permissions).filter((name) => permissions[name] !== 'read');
      return written.length > 0 ? [[job, written]] : [];
    }),
  );

describe('workflows', () => {
  for (const path of workflows) {
    test(`${path} may read the repository, and no more unless a job says so`, () => {
      assert.deepEqual(workflowOf(path).permissions, { contents: 'read' });
    });
    test(`${path} pins its actions by commit`, () => {
      assert.deepEqual(unpinned(read(path)), []);
    });
  }
  test('only the release writes', () => {
    assert.deepEqual(Object.fromEntries(workflows.map((path) => [basename(path), writers(path)])), {
      'ci.yml': {},
      'release.yml': { release: ['contents', 'id-token'] },
    });
  });
  test('the release is of every service, on the base image of their recipe', () => {
    const services = globSync('services/*/src/main.ts', { cwd: root, exclude: ['services/web/**'] });
    const names = services.map((path) => path.split('/')[1]).sort();
    assert.deepEqual(workflowOf('.github/workflows/release.yml').env.SERVICES?.split(' ').sort(), names);
    assert.match(read('services/Dockerfile'), /^ARG NODE_IMAGE=\S+:\S+$/m);
  });

  test('one by tag, by branch or without its version is noticed', () => {
    const commit = '3d3c42e5aac5ba805825da76410c181273ba90b1';
    const lines = ['a/b@v1', 'a/b@main', `a/b@${commit}`, `a/b@${commit} # v1.2.3`, './.github/workflows/ci.yml'];
    const workflow = lines.map((line) => `      - uses: ${line}\n`).join('');
    assert.deepEqual(unpinned(workflow), ['a/b@v1', 'a/b@main', `a/b@${commit}`]);
  });
});

/** What a catalogue of charts shows, and this one lacks. */
function missing(chart: Record<string, unknown>): string[] {
  const isUrl = (value: unknown) => typeof value === 'string' && /^https:\/\/\S+$/.test(value);
  const isList = (value: unknown) => Array.isArray(value) && value.length > 0;
  const { home, icon, sources, keywords, maintainers, annotations } = chart;
  const found = {
    home: isUrl(home),
    icon: isUrl(icon),
    sources: isList(sources),
    keywords: isList(keywords),
    maintainers: isList(maintainers),
    annotations: ((annotations ?? {}) as Permissions)['artifacthub.io/license'] === 'MIT',
  };
  return Object.entries(found).flatMap(([name, is]) => (is ? [] : [name]));
}

describe('charts', () => {
  const charts = globSync('charts/*/Chart.yaml', { cwd: root });
  test('say whose they are, where they come from and what they are about', () => {
    assert.equal(charts.length, 8);
    assert.deepEqual(
      Object.fromEntries(charts.flatMap((path) => missing(parse(read(path))).map((what) => [path, what]))),
      {},
    );
  });
  test('link to files that are there', () => {
    for (const path of charts) {
      const linked = [...read(path).matchAll(/\/(?:raw|blob)\/main\/(\S+)/g)].map(([, file = '']) => file);
      assert.equal(linked.length, 3, path);
      for (const file of linked) assert.ok(existsSync(join(root, file)), `${path}: ${file}`);
    }
  });
  test('one that does not is noticed', () => {
    assert.deepEqual(missing({ home: 'https://example.org', keywords: [] }), [
      'icon',
      'sources',
      'keywords',
      'maintainers',
      'annotations',
    ]);
  });
});
