import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import { temporaryFolder } from '../src/machine/index.ts';
import { startPostgres } from '../src/postgres/index.ts';
import { isAlive } from '../src/processes/index.ts';
import { waitFor } from '../src/waiting.ts';
import { start } from './support/run.ts';

test('a server does not outlive its owner, even one that was killed; nor does a temporary folder', async () => {
  const dataDir = await temporaryFolder();
  const owner = await start('test/fixtures/hold-postgres.ts', {}, [dataDir, 'temporary']);
  const { postgres } = JSON.parse(await owner.nextLine(/postgres/));
  process.kill(owner.process.pid, 'SIGKILL');
  await owner.process.exited;
  await waitFor('Postgres to end', () => !isAlive(postgres), { deadlineMs: 15_000 });
  await waitFor('its folder to go', () => !existsSync(dataDir), { deadlineMs: 15_000 });
});

test('a mounted file system goes too', { skip: !canMount() }, async (t) => {
  const folder = await temporaryFolder();
  t.after(() => rm(folder, { recursive: true }));
  const owner = await start('test/fixtures/hold-mount.ts', {}, [folder]);
  await owner.nextLine(/mounted/);
  assert.match(mounts(), new RegExp(` ${folder} `));
  process.kill(owner.process.pid, 'SIGKILL');
  await waitFor('it to be unmounted', () => !mounts().includes(folder), { deadlineMs: 15_000 });
});

test('the next owner may start at once where the last one was killed', async (t) => {
  const dataDir = await temporaryFolder();
  const owner = await start('test/fixtures/hold-postgres.ts', {}, [dataDir, 'persistent']);
  await owner.nextLine(/postgres/);
  process.kill(owner.process.pid, 'SIGKILL');
  await owner.process.exited;
  const next = await startPostgres({ dataDir });
  t.after(() => next.stop());
  await next.stop();
  await rm(dataDir, { recursive: true });
  assert.equal(existsSync(dataDir), false);
});

const mounts = () => readFileSync('/proc/mounts', 'utf8');

/** In a name space of its own, root of a container may lack the right. */
function canMount(): boolean {
  return spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', 'tmpfs', '/mnt']).status === 0;
}
