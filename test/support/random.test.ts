import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from './random.ts';

const SAMPLES = 2_000;

const numbers = (seed: number) => {
  const random = createRandom(seed);
  return Array.from({ length: SAMPLES }, () => random.next());
};

test('a seed always gives the same numbers, and another seed others', () => {
  assert.deepEqual(numbers(7), numbers(7));
  assert.notDeepEqual(numbers(7), numbers(8));
});

test('numbers are spread over their range, both ends of it included', () => {
  assert.ok(numbers(1).every((each) => each >= 0 && each < 1));
  const { between } = createRandom(1);
  const counts = Map.groupBy(
    Array.from({ length: SAMPLES }, () => between(3, 6)),
    (each) => each,
  );
  assert.deepEqual([...counts.keys()].sort(), [3, 4, 5, 6]);
  for (const [value, { length }] of counts) assert.ok(length > SAMPLES / 5, `${value} came ${length} times`);
});

test('what is shuffled is complete and in another order; nothing cannot be picked from', () => {
  const cards = Array.from({ length: 52 }, (_, index) => index);
  const random = createRandom(1);
  const shuffled = random.shuffle(cards);
  assert.notDeepEqual(shuffled, cards);
  assert.deepEqual(
    shuffled.sort((a, b) => a - b),
    cards,
  );
  assert.throws(() => random.pick([]), RangeError);
});
