import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';

const PROGRAM = new URL('program.ts', import.meta.url).href;
const DEADLINE_MS = 20_000;

/** Runs a program whose body is that text; what it left the event loop to wait for must not keep it. */
function run(body: string): Promise<{ code: number; stderr: string }> {
  const source = `import { runProgram } from '${PROGRAM}'; await runProgram(async () => { ${body} });`;
  const { promise, resolve } = Promise.withResolvers<{ code: number; stderr: string }>();
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', source];
  execFile(process.execPath, args, { timeout: DEADLINE_MS, killSignal: 'SIGKILL' }, (error, _, stderr) =>
    resolve({ code: error ? Number(error.code) : 0, stderr }),
  );
  return promise;
}

describe('the end of a program', () => {
  test('is 0 where all is well, and 1 where it is not', async () => {
    assert.equal((await run('return true;')).code, 0);
    assert.equal((await run('return false;')).code, 1);
  });

  test('is 1 where it fails, at once and with what happened', async () => {
    const { code, stderr } = await run('setInterval(() => {}, 1_000); throw new Error("no Postgres");');
    assert.equal(code, 1);
    assert.match(stderr, /no Postgres/);
  });
});
