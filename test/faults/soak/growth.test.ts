import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeGrowth, type Point } from './growth.ts';

const MB = 1_000_000;
const RULE = { share: 0.1, amount: 8 * MB };
const EVERY_S = 5;

/** A heap that fills up and is collected twice a minute, beginning so high and growing so much a minute. */
const heap = (minutes: number, { from, perMinute }: { from: number; perMinute: number }): Point[] =>
  Array.from({ length: (minutes * 60) / EVERY_S }, (_, index) => {
    const atS = index * EVERY_S;
    return { atS, value: from + (perMinute * atS) / 60 + (atS % 30) * MB };
  });

const near = (actual: number, expected: number, off: number) =>
  assert.ok(Math.abs(actual - expected) <= off, `${actual}, expected ${expected}`);

describe('growth over a soak', () => {
  test('is flat where the heap swings and comes back', () => {
    const { isFlat, perMinute } = judgeGrowth(heap(10, { from: 60 * MB, perMinute: 0 }), RULE);
    assert.equal(isFlat, true);
    near(perMinute, 0, 1);
  });

  test('is flat where the peaks rise and what is left below them does not', () => {
    const points = heap(10, { from: 60 * MB, perMinute: 0 }).map(({ atS, value }) => ({
      atS,
      value: atS % 30 === 0 ? value : value + atS * MB,
    }));
    assert.equal(judgeGrowth(points, RULE).isFlat, true);
  });

  test('is found beneath the swings', () => {
    const { isFlat, perMinute, total } = judgeGrowth(heap(10, { from: 60 * MB, perMinute: 2 * MB }), RULE);
    assert.equal(isFlat, false);
    near(perMinute, 2 * MB, 0.01 * MB);
    near(total, 16 * MB, 0.1 * MB);
  });

  test('may be so much, or a share of a large heap', () => {
    assert.equal(judgeGrowth(heap(10, { from: 60 * MB, perMinute: 0.9 * MB }), RULE).isFlat, true);
    assert.equal(judgeGrowth(heap(10, { from: 400 * MB, perMinute: 4 * MB }), RULE).isFlat, true);
    assert.equal(judgeGrowth(heap(10, { from: 400 * MB, perMinute: 6 * MB }), RULE).isFlat, false);
  });

  test('leaves out the first minute', () => {
    const warmingUp = heap(10, { from: 60 * MB, perMinute: 0 }).map(({ atS, value }) => ({
      atS,
      value: atS < 60 ? value / 4 : value,
    }));
    assert.equal(judgeGrowth(warmingUp, RULE).isFlat, true);
  });

  test('shows what there was early and late', () => {
    const points = Array.from({ length: 120 }, (_, index) => ({ atS: index * EVERY_S, value: Math.floor(index / 12) }));
    const { early, late } = judgeGrowth(points, RULE);
    assert.deepEqual([early, late], [2, 9]);
  });

  test('cannot be told from three minutes', () => {
    assert.throws(() => judgeGrowth(heap(3, { from: MB, perMinute: 0 }), RULE), RangeError);
  });
});
