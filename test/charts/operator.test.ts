import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { root } from './charts.ts';

const read = (path: string) => readFileSync(join(root, path), 'utf8');

describe('the Strimzi operator', () => {
  const [, version] = /^VERSION=(\S+)$/m.exec(read('k8s/strimzi-operator.sh')) ?? [];
  const mentions: [string, RegExp][] = [
    ['k8s/README.md', /strimzi-kafka-operator .*--version (\S+)/g],
    ['k8s/strimzi-operator.values.yaml', /strimzi-kafka-operator (\d\S*\d)/g],
    ['.github/workflows/ci.yml', /STRIMZI_VERSION: (\S+)/g],
  ];
  for (const [file, mention] of mentions) {
    test(`has one version, in ${file} too`, () => {
      const versions = [...read(file).matchAll(mention)].map(([, mentioned]) => mentioned);
      assert.ok(versions.length > 0);
      assert.deepEqual([...new Set(versions)], [version]);
    });
  }
});
