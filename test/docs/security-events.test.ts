import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { SECURITY_EVENTS } from '@wave-connect/chassis/observability';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const [, section = ''] = /^## Security events\n([\s\S]*?)(?=^## )/m.exec(read('docs/operations.md')) ?? [];
/** First cell of each row, a name in backticks. */
const listed = [...section.matchAll(/^\| `([a-z-]+)` +\| (?:auth|gateway) /gm)].map(([, name = '']) => name);

test('docs/operations.md lists the security events that there are', () => {
  assert.deepEqual(listed.toSorted(), SECURITY_EVENTS.toSorted());
});

test('each of them is recorded by a service', () => {
  const sources = globSync('services/*/src/**/*.ts', { cwd: root }).map(read);
  for (const name of SECURITY_EVENTS) {
    assert.ok(
      sources.some((source) => source.includes('events.record(') && source.includes(`'${name}'`)),
      name,
    );
  }
});
