import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { temporaryFolder } from '../src/machine/index.ts';
import { startPostgres } from '../src/postgres/index.ts';
import { claimDataFolder } from '../src/up/data-folder.ts';
import { run, start } from './support/run.ts';
import { upEnvironment } from './support/up-environment.ts';

let root: string;
let environment: NodeJS.ProcessEnv;

before(async () => {
  root = await temporaryFolder();
  environment = await upEnvironment(join(root, 'data'));
});

after(() => rm(root, { recursive: true, force: true }));

async function refused(env: NodeJS.ProcessEnv, message: RegExp): Promise<void> {
  const { code, output } = await run('bin/up.js', { ...environment, ...env });
  const lines = output.split('\n').filter((line) => !/^Starting| │ /.test(line));
  assert.equal(lines.length, 1, output);
  assert.match(lines[0] ?? '', message);
  assert.equal(code, 1);
}

test('a taken port is one line that says which variable to set, and nothing has been started', async () => {
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as AddressInfo;
  const line = (variable: string) => new RegExp(`^port ${port} is taken: free it, or set ${variable} to another one$`);
  await refused({ FEED_PORT: String(port) }, line('FEED_PORT'));
  await refused({ GATEWAY_PORT: '', PORT: String(port) }, line('PORT'));
  assert.equal(existsSync(join(root, 'data', 'postgres')), false);
  holder.close();
});

test('a number that is no port is one line', () =>
  refused({ CHAT_PORT: 'chat' }, /^CHAT_PORT is "chat", which is no port/));

test('a data folder that cannot be written to is one line', async () => {
  const file = join(root, 'file');
  await writeFile(file, '');
  await refused(
    { WAVE_DATA_DIR: join(file, 'data') },
    /^the data folder .* cannot be written to \(ENOTDIR\): set WAVE_DATA_DIR/,
  );
});

test('a second one on the same folder is one line', async (t) => {
  const dataDir = join(root, 'data');
  const holder = await start('test/fixtures/up.js');
  t.after(() => holder.process.stop());
  const release = await claimDataFolder(dataDir);
  await writeFile(join(dataDir, 'up.pid'), String(holder.process.pid));
  await refused({}, new RegExp(`^make up is running already on ${dataDir} \\(process ${holder.process.pid}\\)`));
  await release();
});

test('a Postgres that runs on its data is one line', async (t) => {
  const postgres = await startPostgres({ dataDir: join(root, 'data', 'postgres') });
  t.after(() => postgres.stop());
  await refused({}, /cluster is in use by a running Postgres \(process \d+\)/);
});

test('a Node that is too old is one line', async () => {
  const old = `data:text/javascript,${encodeURIComponent("Object.defineProperty(process.versions, 'node', { value: '20.1.0' })")}`;
  await refused({ NODE_OPTIONS: `--import=${old}` }, /^Wave Connect needs Node 26 or later, and this is 20\.1\.0: /);
});
