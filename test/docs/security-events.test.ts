import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SECURITY_EVENTS } from '@wave-connect/chassis/observability';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const [, section = ''] = /^## Security events\n([\s\S]*?)(?=^## )/m.exec(read('docs/operations.md')) ?? [];
/** First cell of each row, a name in backticks. */
const listed = [...section.matchAll(/^\| `([a-z-]+)` +\| (?:auth|gateway|a service) /gm)].map(([, name = '']) => name);

test('docs/operations.md lists the security events that there are', () => {
  assert.deepEqual(listed.toSorted(), SECURITY_EVENTS.toSorted());
});

test('each of them is recorded', () => {
  const sources = globSync('{services,packages}/*/src/**/*.ts', { cwd: root }).map(read);
  for (const name of SECURITY_EVENTS) {
    assert.ok(
      sources.some((source) => /(?:events|security)\.record\(/.test(source) && source.includes(`'${name}'`)),
      name,
    );
  }
});
