import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { test } from 'node:test';
import { temporaryFolder } from '../src/machine/index.ts';
import { startPostgres, withClient } from '../src/postgres/index.ts';
import { testDatabases } from '../src/testing/index.ts';
import { run } from './support/run.ts';

test('fresh databases are empty, and each its own', async () => {
  const { freshDatabase } = await testDatabases();
  const urls = await Promise.all([freshDatabase('chat'), freshDatabase('chat')]);
  assert.notEqual(urls[0], urls[1]);
  for (const url of urls) {
    await withClient(url, (client) => client.query('CREATE TABLE mine (id int)'));
  }
});

test('a process on its own server ends by itself and takes the server along', async () => {
  const { code, output } = await run('test/fixtures/use-test-databases.ts', { TEST_POSTGRES_URL: '' });
  assert.equal(code, 0, output);
  const [url = ''] = JSON.parse(output).urls;
  assert.match(url, /\/auth_service_[0-9a-f]{12}$/);
  await assert.rejects(
    withClient(url, async () => {}),
    { code: 'ECONNREFUSED' },
  );
});

test('on a server that it was given it drops what it has made', async (t) => {
  const dataDir = await temporaryFolder();
  const server = await startPostgres({ dataDir });
  t.after(() => server.stop());
  const admin = server.url('postgres');
  const databases = () =>
    withClient(admin, async (client) => (await client.query('SELECT datname FROM pg_database ORDER BY 1')).rows);
  const before = await databases();
  const { code, output } = await run('test/fixtures/use-test-databases.ts', { TEST_POSTGRES_URL: admin });
  assert.equal(code, 0, output);
  assert.deepEqual(await databases(), before);
  await server.stop();
  await rm(dataDir, { recursive: true });
});
