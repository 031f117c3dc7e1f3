import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** Folders of a package or service from the lowest to the highest: a folder imports those before it alone. */
const ORDERS: Record<string, readonly string[]> = {
  'packages/chassis/src': ['config', 'observability', 'database', 'http', 'events', 'dead-letters', 'service'],
  'services/auth/src': ['repository', 'domain', 'api'],
  'services/chat/src': ['repository', 'domain', 'events', 'api'],
  'services/feed/src': ['repository', 'domain', 'events', 'api'],
  'services/profile/src': ['repository', 'domain', 'events', 'grpc', 'api'],
  'services/gateway/src': ['edge', 'admission', 'proxy', 'websocket', 'local'],
};
const MOST_FILES = 15;

const sources = globSync(['packages/*/src/**/*.ts', 'services/*/src/**/*.ts'], { cwd: root }).filter(
  (path) => !path.startsWith('services/web/'),
);

/** Imports from a folder to one that stands above it, as `file → folder`. */
function arrowsUp(folder: string, order: readonly string[], files: Record<string, string>): string[] {
  return Object.entries(files).flatMap(([path, text]) => {
    const own = order.indexOf(relative(folder, path).split('/')[0] ?? '');
    if (own === -1) return [];
    return [...text.matchAll(/from '(\.[^']+)'/g)]
      .map(([, specifier = '']) => relative(folder, join(dirname(path), specifier)).split('/')[0] ?? '')
      .filter((target) => order.indexOf(target) > own)
      .map((target) => `${path} → ${target}`);
  });
}

const crowded = (paths: readonly string[]): string[] =>
  Object.entries(Object.groupBy(paths, dirname))
    .filter(([, files = []]) => files.length > MOST_FILES)
    .map(([folder]) => folder);

describe('rooms', () => {
  for (const [folder, order] of Object.entries(ORDERS)) {
    test(`in ${folder} no import points up`, () => {
      const files = sources.filter((path) => path.startsWith(`${folder}/`));
      assert.ok(files.length > 0);
      assert.deepEqual(arrowsUp(folder, order, Object.fromEntries(files.map((path) => [path, read(path)]))), []);
    });
  }
  test(`no folder holds more than ${MOST_FILES} files`, () => assert.deepEqual(crowded(sources), []));
  test('the chassis and dev-env name their entry points', () => {
    for (const name of ['chassis', 'dev-env']) {
      const { exports } = JSON.parse(read(`packages/${name}/package.json`)) as { exports: Record<string, string> };
      assert.ok(Object.keys(exports).length > 1);
      assert.deepEqual(
        Object.keys(exports).filter((entry) => entry.includes('*')),
        [],
        name,
      );
    }
  });

  test('an import that points up is noticed', () => {
    const files = { 'services/auth/src/repository/users.ts': "import { createRouter } from '../api/router.ts';" };
    assert.deepEqual(arrowsUp('services/auth/src', ['repository', 'domain', 'api'], files), [
      'services/auth/src/repository/users.ts → api',
    ]);
  });
  test('a crowded folder is noticed', () => {
    const files = Array.from({ length: MOST_FILES + 1 }, (_, at) => `services/auth/src/api/file-${at}.ts`);
    assert.deepEqual(crowded(files), ['services/auth/src/api']);
  });
});
