import assert from 'node:assert/strict';
import { test } from 'node:test';
import { growthRow, growthTable } from '../src/growth/report.ts';

const timings = (...p50s: number[]) => p50s.map((p50Ms, at) => ({ rows: 10_000 * 10 ** at, p50Ms, p99Ms: p50Ms * 2 }));

test('a list is flat where the largest table costs at most a fifth more than the smallest', () => {
  assert.equal(growthRow('list', timings(10, 50, 12)).flat, true);
  assert.equal(growthRow('list', timings(10, 10, 12.1)).flat, false);
});

test('what could not be measured does not count as flat', () => {
  assert.equal(growthRow('list', timings(10, Number.NaN)).flat, false);
  assert.equal(growthRow('list', []).flat, false);
});

test('the table says which list grows', () => {
  const text = growthTable([growthRow('flat list', timings(1, 1, 1)), growthRow('growing list', timings(1, 2, 4))]);
  assert.match(text, /10,000 +100,000 +1,000,000/);
  assert.match(text, /^growing list .* 4\.00 GROWS$/m);
  assert.doesNotMatch(text, /^flat list.*GROWS/m);
});
