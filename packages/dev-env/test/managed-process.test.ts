import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isAlive, startProcess } from '../src/processes/index.ts';
import { waitFor } from '../src/waiting.ts';

const shell = (script: string, options: { stopDeadlineMs?: number; onLine?: (line: string) => void } = {}) =>
  startProcess({ command: 'sh', args: ['-c', script], env: process.env, cwd: '/', ...options });

test('it keeps what a process wrote, and how it ended', async () => {
  const child = await shell('echo out; echo err >&2; exit 3');
  assert.deepEqual(await child.exited, { code: 3, signal: null });
  assert.deepEqual(child.output().split('\n').sort(), ['err', 'out']);
});

test('a process that does not heed the signal is killed after its deadline', async () => {
  const heard = Promise.withResolvers<void>();
  const child = await shell("trap '' TERM; echo ready; while :; do sleep 0.05; done", {
    stopDeadlineMs: 200,
    onLine: () => heard.resolve(),
  });
  await heard.promise;
  await child.stop();
  assert.equal((await child.exited).signal, 'SIGKILL');
});

test('a paused process can be stopped', async () => {
  const child = await shell('exec sleep 60');
  child.pause();
  await child.stop();
  assert.equal((await child.exited).signal, 'SIGTERM');
});

test('a kill takes the children too', async () => {
  const line = Promise.withResolvers<string>();
  const child = await shell('sleep 60 & echo $!; wait', { onLine: line.resolve });
  const grandchild = Number(await line.promise);
  await child.kill();
  await waitFor('the grandchild to end', () => !isAlive(grandchild), { deadlineMs: 10_000 });
});

test('a program that is not there is said at once', async () => {
  await assert.rejects(startProcess({ command: 'no-such-program', args: [], env: {}, cwd: '/' }), { code: 'ENOENT' });
});
