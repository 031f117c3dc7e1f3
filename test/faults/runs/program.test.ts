import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { readRunOptions } from './program.ts';

const PROGRAM = new URL('program.ts', import.meta.url).href;
const DEADLINE_MS = 20_000;

/** Runs a program whose body is that text; what it left the event loop to wait for must not keep it. */
function run(body: string): Promise<{ code: number; stderr: string }> {
  const source = `import { untilEnd } from '${PROGRAM}'; await untilEnd(async () => { ${body} });`;
  const { promise, resolve } = Promise.withResolvers<{ code: number; stderr: string }>();
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', source];
  execFile(process.execPath, args, { timeout: DEADLINE_MS, killSignal: 'SIGKILL' }, (error, _, stderr) =>
    resolve({ code: error ? Number(error.code) : 0, stderr }),
  );
  return promise;
}

describe('the end of a program', () => {
  test('is 0 where the run has passed, and 1 where it has not', async () => {
    assert.equal((await run('return true;')).code, 0);
    assert.equal((await run('return false;')).code, 1);
  });

  test('is 1 where it fails, at once and with what happened', async () => {
    const { code, stderr } = await run('setInterval(() => {}, 1_000); throw new Error("no Postgres");');
    assert.equal(code, 1);
    assert.match(stderr, /no Postgres/);
  });
});

test('a run goes by the environment, and else by what is usual', () => {
  const usual = { minutes: 9, rate: 200 };
  const options = readRunOptions({ SEED: '7', MINUTES: '0.5', KEEP_LOGS: '1', CI: 'true' }, usual);
  assert.deepEqual(options, { seed: 7, minutes: 0.5, rate: 200, keepLogs: true, strict: true });
  const { seed, ...rest } = readRunOptions({ SEED: '', CI: 'false' }, usual);
  assert.deepEqual(rest, { minutes: 9, rate: 200, keepLogs: false, strict: false });
  assert.ok(Number.isSafeInteger(seed));
});

test('what is no number is refused by its name', () => {
  for (const text of ['many', '-1', '61']) {
    assert.throws(() => readRunOptions({ MINUTES: text }, {}), new RegExp(`MINUTES is "${text}": set it to`));
  }
});
