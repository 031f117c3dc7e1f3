import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { after, before, test } from 'node:test';
import { temporaryFolder } from '../src/machine/index.ts';
import { commandLine, family, isAlive } from '../src/processes/index.ts';
import { waitFor } from '../src/waiting.ts';
import { type Started, start } from './support/run.ts';
import { upEnvironment } from './support/up-environment.ts';

let dataDir: string;
let environment: Record<string, string>;

before(async () => {
  dataDir = await temporaryFolder();
  environment = await upEnvironment(dataDir);
});

after(() => rm(dataDir, { recursive: true, force: true }));

type Up = Started & { pids: number[] };

async function startUp(): Promise<Up> {
  const started = await start('bin/up.js', environment);
  await started.nextLine(/stop +Ctrl-C/);
  return { ...started, pids: family(started.process.pid) };
}

async function nothingLeft({ pids }: Up): Promise<void> {
  await waitFor('all processes to end', () => !pids.some(isAlive), { deadlineMs: 15_000 });
}

test('it comes up, says how to use it, and stops in order when asked to', async (t) => {
  const up = await startUp();
  t.after(() => up.process.stop());
  const line = await up.nextLine(/try +curl/);
  assert.ok(line.includes(`http://localhost:${environment.GATEWAY_PORT}/api/auth/register`));
  const ready = await fetch(`http://127.0.0.1:${environment.GATEWAY_PORT}/readyz`);
  assert.equal(ready.status, 200);

  process.kill(up.process.pid, 'SIGINT');
  assert.deepEqual(await up.process.exited, { code: 0, signal: null }, up.process.output());
  assert.match(up.process.output(), /Stopped\.$/);
  await nothingLeft(up);
});

test('a service that dies is reported in one line, and takes the rest along', async (t) => {
  const up = await startUp();
  t.after(() => up.process.stop());
  process.kill(servicePid(up, 'chat'), 'SIGKILL');
  assert.equal((await up.process.exited).code, 1, up.process.output());
  assert.match(up.process.output(), /^chat was ended by SIGKILL: stopping the rest$/m);
  await nothingLeft(up);
});

test('after kill -9 nothing is left, and the next one starts on the same data', async (t) => {
  const up = await startUp();
  t.after(() => up.process.stop());
  process.kill(up.process.pid, 'SIGKILL');
  const next = await startUp();
  t.after(() => next.process.stop());
  await nothingLeft(up);
});

function servicePid({ pids }: Up, name: string): number {
  return pids.find((pid) => commandLine(pid).includes(`services/${name}/src/main.ts`)) ?? assert.fail(`no ${name}`);
}
