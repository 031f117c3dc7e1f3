import assert from 'node:assert/strict';
import { test } from 'node:test';
import { javaVersion } from '../src/kafka/runtime.ts';

test('the feature number of a Java version', () => {
  assert.equal(javaVersion('openjdk version "17.0.15" 2025-04-15'), 17);
  assert.equal(javaVersion('java version "1.8.0_452"'), 8);
  assert.equal(javaVersion('openjdk version "25" 2025-09-16'), 25);
  assert.equal(javaVersion('command not found'), undefined);
});
