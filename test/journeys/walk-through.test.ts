import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { type System, startSystem } from '@wave-connect/dev-env/system';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');
/** Where `make up` listens, and so what the README's lines say. */
const PRINTED_URL = 'http://localhost:8080';

let system: System;

before(async () => {
  system = await startSystem({ env: { LOG_LEVEL: 'warn' } });
});
after(() => system?.stop());

test('the walk-through of the README works as printed', async () => {
  const [, lines = ''] = /## Walk through\n[\s\S]*?```bash\n([\s\S]*?)```/.exec(README) ?? [];
  const expected = [...lines.matchAll(/^# .*→ (\d{3})/gm)].map(([, status]) => status);
  assert.ok(expected.length >= 6, 'each step says the status of its response');
  const script = lines.replaceAll(PRINTED_URL, system.url);
  const { stdout } = await promisify(execFile)('bash', ['-euo', 'pipefail', '-c', script]);
  const responded = [...stdout.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => status);
  assert.deepEqual(responded, expected, stdout);
  assert.match(stdout, /^authorization: Bearer \S+/im);
});
