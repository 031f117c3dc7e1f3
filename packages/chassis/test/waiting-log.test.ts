import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import { Health } from '../src/observability/health.ts';
import { createLogger } from '../src/observability/log.ts';
import { waitingLog } from '../src/service/waiting-log.ts';
import { silent } from './support.ts';

let now = 0;
beforeEach(() => {
  now = 0;
  mock.method(performance, 'now', () => now);
  mock.timers.enable({ apis: ['setInterval'] });
});
afterEach(() => mock.reset());

test('what waits for long is logged when it begins, when its reason changes and when it ends', () => {
  const lines: Record<string, unknown>[] = [];
  const log = createLogger('test', 'info', { write: (line) => void lines.push(JSON.parse(line)) });
  const health = new Health(silent);
  let reason: string | undefined = 'its topics are not all there';
  health.addWait({ name: 'publisher', reason: () => reason });
  const part = waitingLog(health, log);
  part.start?.();
  const pass = (seconds: number) => {
    for (let each = 0; each < seconds; each += 1) {
      now += 1_000;
      mock.timers.tick(1_000);
    }
    return lines.splice(0).map(({ level, msg, detail, waited_s }) => [level, msg, detail ?? waited_s]);
  };
  assert.deepEqual(pass(9), []);
  assert.deepEqual(pass(20), [['warn', 'waiting', 'its topics are not all there']]);
  reason = 'the brokers refuse the login';
  assert.deepEqual(pass(5), [['warn', 'waiting', 'the brokers refuse the login']]);
  reason = undefined;
  assert.deepEqual(pass(5), [['info', 'no longer waiting', 34]]);
  reason = 'it is joining its group';
  pass(3);
  reason = undefined;
  assert.deepEqual(pass(30), [], 'a short wait is no news');
  part.stop?.(0);
});
