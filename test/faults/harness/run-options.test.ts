import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readRunOptions } from './run-options.ts';

const USUAL = { minutes: 9, rate: 200 };

test('a run goes by the environment, and else by what is usual', () => {
  const options = readRunOptions({ SEED: '7', MINUTES: '0.5', KEEP_LOGS: '1', CI: 'true' }, USUAL);
  assert.deepEqual(options, { seed: 7, minutes: 0.5, rate: 200, keepLogs: true, strict: true });
  const { seed, ...rest } = readRunOptions({ SEED: '', CI: 'false' }, USUAL);
  assert.deepEqual(rest, { minutes: 9, rate: 200, keepLogs: false, strict: false });
  assert.ok(Number.isSafeInteger(seed));
});

test('what is no number is refused by its name', () => {
  for (const text of ['many', '-1', '61']) {
    assert.throws(() => readRunOptions({ MINUTES: text }, USUAL), new RegExp(`MINUTES is "${text}": set it to`));
  }
});
