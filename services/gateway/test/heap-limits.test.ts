import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { EXTERNAL_MEMORY_FLAG } from '../src/heap-limits.ts';

test('V8 knows the flag, which it would else ignore', async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ['--v8-options']);
  assert.ok(stdout.includes(`${EXTERNAL_MEMORY_FLAG} (`));
});
