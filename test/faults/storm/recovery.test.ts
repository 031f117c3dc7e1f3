import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { type Canary, untilRecovered } from './recovery.ts';

const OPTIONS = { everyMs: 10, limitMs: 100, atOnce: 3, deadlineMs: 5_000 };

describe('recovery', () => {
  test('is when the first canary is through, though others failed', async () => {
    let sent = 0;
    const canary: Canary = async () => {
      sent += 1;
      if (sent < 5) throw new Error('not yet');
    };
    const { ms, lastFailure } = await untilRecovered(canary, OPTIONS);
    assert.equal(sent, 5);
    assert.ok(ms !== undefined && ms >= 4 * OPTIONS.everyMs - 5, `${ms}`);
    assert.equal(lastFailure, 'not yet');
  });

  test('does not wait for a canary that hangs, and ends it', async () => {
    let sent = 0;
    const ended: boolean[] = [];
    const canary: Canary = async (signal) => {
      sent += 1;
      if (sent > 1) return;
      await once(signal, 'abort');
      ended.push(true);
      signal.throwIfAborted();
    };
    const { ms } = await untilRecovered(canary, { ...OPTIONS, limitMs: OPTIONS.deadlineMs });
    assert.ok(ms !== undefined && ms < OPTIONS.deadlineMs / 2, `${ms}`);
    assert.deepEqual(ended, [true]);
  });

  test('is asked for by few canaries at a time', async () => {
    let inFlight = 0;
    let most = 0;
    const canary: Canary = async (signal) => {
      inFlight += 1;
      most = Math.max(most, inFlight);
      await once(signal, 'abort');
      inFlight -= 1;
      signal.throwIfAborted();
    };
    await untilRecovered(canary, { ...OPTIONS, deadlineMs: 200 });
    assert.equal(most, OPTIONS.atOnce);
  });

  test('is given up at the deadline, with the last failure', async () => {
    const canary: Canary = () => Promise.reject(new Error('502 of chat'));
    const recovery = await untilRecovered(canary, { ...OPTIONS, deadlineMs: 50 });
    assert.deepEqual(recovery, { ms: undefined, lastFailure: '502 of chat' });
  });
});
