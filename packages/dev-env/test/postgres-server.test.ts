import assert from 'node:assert/strict';
import { existsSync, statSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { temporaryFolder } from '../src/machine/index.ts';
import { removePostgresData, startPostgres, withClient } from '../src/postgres/index.ts';
import { isAlive } from '../src/processes/index.ts';

let root: string;
let dataDir: string;

before(async () => {
  root = await temporaryFolder();
  dataDir = join(root, 'postgres');
});

after(() => rm(root, { recursive: true, force: true }));

const query = (url: string, sql: string) => withClient(url, async (client) => (await client.query(sql)).rows);

test('data outlives a stop and a kill, on the same folder', async (t) => {
  const first = await startPostgres({ dataDir });
  t.after(() => first.stop());
  await first.createDatabase('auth_db');
  await first.createDatabase('auth_db');
  await query(first.url('auth_db'), 'CREATE TABLE kept AS SELECT 1 AS row');
  await first.stop();
  assert.equal(isAlive(first.pid), false);

  const second = await startPostgres({ dataDir });
  t.after(() => second.stop());
  assert.deepEqual(await query(second.url('auth_db'), 'SELECT row FROM kept'), [{ row: 1 }]);
  await query(second.url('auth_db'), 'UPDATE kept SET row = 2');
  await second.kill();
  assert.ok(existsSync(join(dataDir, 'cluster', 'postmaster.pid')), 'a killed server leaves its lock file');

  const third = await startPostgres({ dataDir });
  t.after(() => third.stop());
  assert.deepEqual(await query(third.url('auth_db'), 'SELECT row FROM kept'), [{ row: 2 }]);
  await third.dropDatabase('auth_db');
  await third.dropDatabase('auth_db');
  await assert.rejects(query(third.url('auth_db'), 'SELECT 1'), { code: '3D000' });
});

test('a lock file whose process id now belongs to another program does not keep it from starting', async () => {
  await writeFile(join(dataDir, 'cluster', 'postmaster.pid'), `${process.pid}\n${dataDir}\n`);
  const server = await startPostgres({ dataDir });
  await server.stop();
});

test('a folder in use is refused in one line, and the server on it lives on', async (t) => {
  const server = await startPostgres({ dataDir });
  t.after(() => server.stop());
  await assert.rejects(startPostgres({ dataDir }), {
    name: 'SetupError',
    message: new RegExp(`^${dataDir}/cluster is in use by a running Postgres \\(process ${server.pid}\\): [^\n]+$`),
  });
  assert.deepEqual(await query(server.url('postgres'), 'SELECT 1 AS one'), [{ one: 1 }]);
});

test('it comes back on the same port after a kill, and stands still while paused', async (t) => {
  const server = await startPostgres({ dataDir });
  t.after(() => server.stop());
  const url = server.url('postgres');
  const killed = server.exited;
  await server.kill();
  assert.equal((await killed).signal, 'SIGKILL');
  await assert.rejects(query(url, 'SELECT 1'), { code: 'ECONNREFUSED' });
  await server.restart();

  server.pause();
  const response = query(url, 'SELECT 1 AS one');
  const waited = await Promise.race([response, new Promise((resolve) => setTimeout(resolve, 300, 'still waiting'))]);
  assert.equal(waited, 'still waiting');
  server.resume();
  assert.deepEqual(await response, [{ one: 1 }]);
});

test('the password is for its owner alone, and a wrong one is refused', async (t) => {
  const server = await startPostgres({ dataDir });
  t.after(() => server.stop());
  assert.equal(statSync(join(dataDir, 'password')).mode & 0o777, 0o600);
  const url = new URL(server.url('postgres'));
  url.password = 'guess';
  await assert.rejects(query(url.href, 'SELECT 1'), { code: '28P01' });
});

test('it serves two hundred clients', async (t) => {
  const server = await startPostgres({ dataDir });
  t.after(() => server.stop());
  assert.ok(Number((await query(server.url('postgres'), 'SHOW max_connections'))[0].max_connections) >= 200);
});

test('one that is not persistent takes settings of its own, and leaves nothing', async (t) => {
  const temporary = await temporaryFolder();
  const settings = ['synchronous_commit=on'];
  const server = await startPostgres({ dataDir: temporary, persistent: false, settings });
  t.after(() => server.stop());
  const [shown] = await query(server.url('postgres'), 'SHOW synchronous_commit');
  assert.deepEqual(shown, { synchronous_commit: 'on' });
  await server.stop();
  assert.equal(existsSync(temporary), false);
});

test('as root, it also runs on a folder that its user cannot enter', { skip: process.getuid?.() !== 0 }, async (t) => {
  const closed = join(root, 'closed');
  await mkdir(closed, { mode: 0o700 });
  const hidden = join(closed, 'postgres');
  const first = await startPostgres({ dataDir: hidden });
  t.after(() => first.stop());
  await first.createDatabase('kept');
  await first.stop();
  const second = await startPostgres({ dataDir: hidden });
  t.after(() => second.stop());
  assert.deepEqual(await query(second.url('kept'), 'SELECT 1 AS one'), [{ one: 1 }]);
  await second.stop();
  await removePostgresData(hidden);
  assert.equal(existsSync(hidden), false);
});
