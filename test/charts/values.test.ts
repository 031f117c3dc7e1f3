import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'yaml';
import { dataServices, root, services } from './charts.ts';
import { schemas } from './schema/schemas.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');
const valuesOf = (chart: string) => parse(read(`charts/${chart}/values.yaml`));

describe('schemas of values', () => {
  for (const [chart, text] of schemas) {
    test(`${chart}'s is what \`make chart-docs\` makes`, () => {
      assert.deepEqual(JSON.parse(read(`charts/${chart}/values.schema.json`)), JSON.parse(text));
    });
  }
});

/** Keys of values, a path each. */
const paths = (value: unknown, prefix = ''): string[] =>
  value !== null && typeof value === 'object' && !Array.isArray(value)
    ? Object.entries(value).flatMap(([key, inner]) => paths(inner, `${prefix}/${key}`))
    : [prefix];

describe('values', () => {
  test('services with data have the same, but for the call from feed to profile', () => {
    const own = /^\/(?:containerPorts\/grpc$|profile\/)/;
    const shared = (chart: string) => paths(valuesOf(chart)).filter((path) => !own.test(path));
    const [first = '', ...others] = dataServices;
    for (const other of others) assert.deepEqual(shared(other), shared(first));
  });
  test("the gateway's are theirs but for data and ways to it", () => {
    const own =
      /^\/(?:networkPolicy|services|rateLimitStore|ingress|httpRoute|migrate|kafka|postgres|externalPostgres)\b/;
    const shared = (chart: string) => paths(valuesOf(chart)).filter((path) => !own.test(path));
    assert.deepEqual(shared('gateway'), shared('auth'));
  });
  test('one more is noticed', () => {
    assert.notDeepEqual(paths({ ...valuesOf('auth'), more: 1 }), paths(valuesOf('chat')));
  });

  test('files of a feature say which', () => {
    const files = globSync('charts/wave-connect/{ci/,values-}*.yaml', { cwd: root });
    assert.ok(files.length > 12);
    assert.deepEqual(
      files.filter((file) => !read(file).startsWith('# ')),
      [],
    );
  });
});

const undescribed = (readme: string): string[] =>
  [...readme.matchAll(/^\| (\S+) \|.*\| {2}\|$/gm)].map(([, key = '']) => key);

describe('pages of the charts', () => {
  for (const chart of [...services, 'kafka', 'wave-connect']) {
    test(`${chart}'s describes each value`, () => {
      assert.deepEqual(undescribed(read(`charts/${chart}/README.md`)), []);
    });
  }
  test('a value without a description is noticed', () => {
    assert.deepEqual(undescribed('| a.b | int | `1` |  |'), ['a.b']);
  });
});
