import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { formatRestart, judgeRestart, type RollingRestart } from './rolling-restart.ts';

const CHAT = {
  sent: 100,
  acknowledged: 99,
  unanswered: 1,
  refused: [],
  missed: [],
  odd: [],
  disconnects: 2,
  closeCodes: [1001, 1001],
};
const SMOOTH: RollingRestart = {
  restarted: [{ part: 'auth[0]', stopMs: 6_100, code: 0, readyMs: 8_000 }],
  load: { requests: 10_000, failures: [], p50: 8, p99: 60, max: 200, chat: CHAT },
  unaskedRestarts: [],
};

const problemsWith = (load: Partial<RollingRestart['load']>, restarted = SMOOTH.restarted) =>
  judgeRestart({ ...SMOOTH, restarted, load: { ...SMOOTH.load, ...load } });

describe('a rolling restart', () => {
  test('passes where the load did not notice it', () => {
    assert.deepEqual(judgeRestart(SMOOTH), []);
    assert.match(formatRestart(SMOOTH, []), /^10000 requests, 0 failed, p50 8 ms, p99 60 ms, at most 200 ms$/m);
  });

  test('fails on a single request, with the reason', () => {
    const failure = { request: 'POST chat', why: 'ECONNRESET on a connection in use', at: 7_300, tookMs: 4 };
    const load = { ...SMOOTH.load, failures: [failure] };
    const problems = judgeRestart({ ...SMOOTH, load });
    assert.deepEqual(problems, ['1 requests failed']);
    const text = formatRestart({ ...SMOOTH, load }, problems);
    assert.match(text, /at 7.3 s: POST chat: ECONNRESET on a connection in use, after 4 ms/);
    assert.match(text, /FAILED: 1 requests failed/);
  });

  test('fails on too few requests to tell', () => {
    assert.deepEqual(problemsWith({ requests: 9_999 }), ['only 9999 requests were made']);
  });

  test('fails on a stop that took too long or was no clean one', () => {
    const slow = [{ part: 'chat[1]', stopMs: 25_000, code: null, readyMs: 27_000 }];
    assert.deepEqual(problemsWith({}, slow), ['chat[1] took 25000 ms to stop', 'chat[1] ended with a signal']);
  });

  test('fails where a process had to be started that no test had stopped', () => {
    const unaskedRestarts = [{ part: 'feed[1]', why: '/livez failed' }];
    assert.deepEqual(judgeRestart({ ...SMOOTH, unaskedRestarts }), [
      'feed[1] was started again unasked: /livez failed',
    ]);
  });

  test('fails where chat clients missed a message or were cut off', () => {
    assert.deepEqual(problemsWith({ chat: { ...CHAT, missed: ['one'] } }), ['1 chat messages were missed']);
    assert.deepEqual(problemsWith({ chat: { ...CHAT, closeCodes: [1001, 1006] } }), [
      '1 chat connections were not closed with 1001',
    ]);
    assert.deepEqual(problemsWith({ chat: { ...CHAT, closeCodes: [] } }), ['no chat connection was closed']);
  });
});
