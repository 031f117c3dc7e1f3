import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventLoopLoad } from '../src/http/shedding.ts';

const LIMIT_MS = 200;
const WINDOW_MS = 1_000;

test('the event loop is late when it is so in two windows, until it is not any more', async ({ mock }) => {
  mock.timers.enable({ apis: ['setInterval'] });
  const load = eventLoopLoad(LIMIT_MS);
  load.start?.();
  const endWindow = () => mock.timers.tick(WINDOW_MS);
  const lateWindow = async () => {
    block(LIMIT_MS * 5);
    await sleep(1);
    endWindow();
  };
  const quietWindow = async () => {
    await sleep(50);
    endWindow();
  };
  try {
    await quietWindow();
    assert.ok(!load.overloaded);
    await lateWindow();
    assert.ok(!load.overloaded, 'one long pause is none of its business');
    await quietWindow();
    await lateWindow();
    assert.ok(!load.overloaded, 'nor is another one later');
    await lateWindow();
    assert.ok(load.overloaded);
    await lateWindow();
    assert.ok(load.overloaded);
    await quietWindow();
    assert.ok(!load.overloaded);
  } finally {
    load.stop?.(0);
  }
});

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
