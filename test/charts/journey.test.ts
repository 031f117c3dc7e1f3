import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import { type System, startSystem } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { root } from './charts.ts';

const SCRIPT = join(root, 'charts/wave-connect/files/journey.mjs');
const run = (GATEWAY_URL: string, TIMEOUT_MS: number) =>
  promisify(execFile)(process.execPath, [SCRIPT], { env: { GATEWAY_URL, TIMEOUT_MS: String(TIMEOUT_MS) } });

let system: System;
let log = '';

before(async () => {
  system = await startSystem({
    env: { LOG_LEVEL: 'warn', BCRYPT_COST: '4' },
    onLine: (_name, line) => {
      log += line;
    },
  });
});
after(() => system?.stop());

test('the journey of `helm test` passes on a system that works, and leaves nobody behind', async () => {
  const { stdout } = await run(system.url, 30_000);
  assert.match(stdout, /profile told feed/);
  assert.match(stdout, /auth told all that the account is gone/);
});

test('it waits for a service that no way leads to yet, and fails where none does in time', async () => {
  const { feed } = system.services;
  await feed.stop();
  const early = run(system.url, 60_000);
  await waitFor('the journey to ask for it', () => log.includes('"path":"/api/feed/"'), { deadlineMs: 30_000 });
  await feed.restart();
  assert.match((await early).stdout, /feed is there/);

  await feed.stop();
  await assert.rejects(run(system.url, 5_000), /within 5000 ms: feed is there/);
});

test('it fails where nothing responds as it should', async (context) => {
  const server = createServer((_req, res) => res.end('{}')).listen(0, '127.0.0.1');
  context.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await assert.rejects(run(`http://127.0.0.1:${port}`, 1_000), /POST \/api\/auth\/register/);
});
