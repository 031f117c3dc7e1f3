import assert from 'node:assert/strict';
import { beforeEach, describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { singleFlight } from '../src/domain/single-flight.ts';

describe('single-flight reads', () => {
  let begun: { page: number; succeed: (result: string) => void; fail: (error: Error) => void }[];
  let ask: (query: { page: number }) => Promise<string>;

  beforeEach(() => {
    begun = [];
    ask = singleFlight(({ page }: { page: number }) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      begun.push({ page, succeed: resolve, fail: reject });
      return promise;
    });
  });

  test('never return what was read before the caller asked', async () => {
    const first = ask({ page: 1 });
    const [second, third] = [ask({ page: 1 }), ask({ page: 1 })];
    assert.equal(begun.length, 1);
    begun[0]?.succeed('old');
    assert.equal(await first, 'old');
    await nextTurn();
    assert.equal(begun.length, 2);
    begun[1]?.succeed('new');
    assert.deepEqual(await Promise.all([second, third]), ['new', 'new']);
  });

  test('go on one after the other as long as there are callers, and start anew after a pause', async () => {
    for (const round of [1, 2, 3]) {
      const asked = ask({ page: 1 });
      await nextTurn();
      begun[round - 1]?.succeed(`round ${round}`);
      assert.equal(await asked, `round ${round}`);
      await nextTurn();
    }
    assert.equal(begun.length, 3);
  });

  test('do not wait for another query', async () => {
    const slow = ask({ page: 1 });
    const other = ask({ page: 2 });
    assert.deepEqual(
      begun.map(({ page }) => page),
      [1, 2],
    );
    begun[1]?.succeed('two');
    assert.equal(await other, 'two');
    begun[0]?.succeed('one');
    assert.equal(await slow, 'one');
  });

  test('fail for all who share one, and for no later caller', async () => {
    const first = ask({ page: 1 });
    const [second, third] = [ask({ page: 1 }), ask({ page: 1 })];
    begun[0]?.fail(new Error('away'));
    await assert.rejects(first, /away/);
    await nextTurn();
    begun[1]?.fail(new Error('still away'));
    await assert.rejects(second, /still away/);
    await assert.rejects(third, /still away/);
    const later = ask({ page: 1 });
    begun[2]?.succeed('back');
    assert.equal(await later, 'back');
  });
});
