import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
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

/** Keys of a chart's values, a path each, that the defaults of `common` have with the same value. */
function repeated(values: object): string[] {
  const { service, data } = valuesOf('common');
  const at = (tree: unknown, path: string) =>
    path
      .split('/')
      .slice(1)
      .reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], tree);
  return paths(values).filter((path) =>
    [service, data].some((shared) => isDeepStrictEqual(at(shared, path) ?? NOWHERE, at(values, path))),
  );
}
const NOWHERE = Symbol();

describe('values', () => {
  test('stand once where the charts of the services share them', () => {
    for (const chart of services) assert.deepEqual(repeated(valuesOf(chart)), []);
    // What all services with data have of their own, they have alike.
    const own = dataServices.map(valuesOf);
    // Which charts call one another differs.
    const alike = Object.keys(own[0]).filter((key) => key !== 'networkPolicy');
    const keys = alike.filter((key) => own.every((each) => key in each));
    assert.ok(keys.length > 3);
    for (const key of keys) {
      for (const path of paths(own[0][key])) assert.ok(own.every((each) => paths(each[key]).includes(path)));
    }
  });
  test('one that stands twice is noticed', () => {
    assert.deepEqual(repeated({ replicaCount: 1, postgres: { image: { tag: '19' } } }), ['/replicaCount']);
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
  for (const chart of ['common', ...services, 'kafka', 'wave-connect']) {
    test(`${chart}'s describes each value`, () => {
      assert.deepEqual(undescribed(read(`charts/${chart}/README.md`)), []);
    });
  }
  test('a value without a description is noticed', () => {
    assert.deepEqual(undescribed('| a.b | int | `1` |  |'), ['a.b']);
  });
});
