import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isOutstanding, markDone, outstandingOf } from '../src/events/outstanding-offsets.ts';

const partition = (low: number, high: number) => ({ partition: 0, low: String(low), high: String(high) });
const offsetsOf = (outstanding: ReturnType<typeof outstandingOf>) =>
  Array.from({ length: 20 }, (_, offset) => offset).filter((offset) => isOutstanding(outstanding, offset));

test('without a commit all that the partition still holds is outstanding', () =>
  assert.deepEqual(offsetsOf(outstandingOf(undefined, partition(2, 5))), [2, 3, 4]));

test('a commit of another program, without metadata, counts', () =>
  assert.deepEqual(offsetsOf(outstandingOf({ offset: '3', metadata: null }, partition(0, 5))), [3, 4]));

test('what the partition has dropped since the commit is not waited for', () =>
  assert.deepEqual(offsetsOf(outstandingOf({ offset: '1', metadata: '2-4' }, partition(3, 7))), [5, 6]));

test('what is marked out of order is in the metadata, as ranges, and is read from there', () => {
  const first = outstandingOf(undefined, partition(0, 12));
  const commit = markDone(first, [9, 3, 4, 5, 0]);
  assert.deepEqual(commit, { offset: '1', metadata: '3-5,9' });
  assert.deepEqual(offsetsOf(first), [1, 2, 6, 7, 8, 10, 11]);
  const next = outstandingOf(commit, partition(0, 12));
  assert.deepEqual(offsetsOf(next), offsetsOf(first));
  assert.deepEqual(markDone(next, [1, 2]), { offset: '6', metadata: '9' });
  assert.deepEqual(markDone(next, [6, 7, 8, 10, 11]), { offset: '12', metadata: '' });
});

test('more gaps than a commit can hold are refused, and nothing is marked', () => {
  const outstanding = outstandingOf(undefined, partition(0, 10_000));
  const everySecond = Array.from({ length: 2_000 }, (_, index) => 2 * index + 1);
  assert.throws(() => markDone(outstanding, everySecond), /picked out one by one: replay or discard the oldest/);
  assert.ok(isOutstanding(outstanding, 1));
});
