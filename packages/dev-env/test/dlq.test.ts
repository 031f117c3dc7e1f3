import assert from 'node:assert/strict';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { temporaryFolder } from '../src/machine/index.ts';
import { run, type Started, start } from './support/run.ts';
import { upEnvironment } from './support/up-environment.ts';

let dataDir: string;
let environment: Record<string, string>;
let up: Started;

before(async () => {
  dataDir = await temporaryFolder();
  environment = await upEnvironment(dataDir);
});

after(async () => {
  await up?.process.stop();
  await rm(dataDir, { recursive: true, force: true });
});

const dlq = (...args: string[]) => run('bin/dlq.ts', environment, args);

test('without a make up it is one line that says what to do', async () => {
  const { code, output } = await dlq();
  assert.match(output, /^make up does not run on .*: start it first, or set WAVE_DATA_DIR to its data folder$/);
  assert.equal(code, 1);
});

test('it finds the bus of the make up that runs, by a file for its owner alone that goes with it', async () => {
  up = await start('bin/up.js', environment);
  await up.nextLine(/stop +Ctrl-C/);
  assert.deepEqual(await dlq(), { code: 0, signal: null, output: 'No dead letters.' });
  assert.equal((await stat(join(dataDir, 'events-url'))).mode & 0o777, 0o600);

  process.kill(up.process.pid, 'SIGINT');
  await up.process.exited;
  await assert.rejects(stat(join(dataDir, 'events-url')), { code: 'ENOENT' });
  assert.equal((await dlq()).code, 1);
});
