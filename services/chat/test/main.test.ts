import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { testDatabases } from '@wave-connect/dev-env/test-postgres.ts';
import { readChatConfig } from '../src/config.ts';
import { eventually } from './support.ts';

const run = (program: string, env: Record<string, string>) =>
  spawn(process.execPath, [fileURLToPath(new URL(`../src/${program}.ts`, import.meta.url))], {
    env: { ...env, PATH: process.env.PATH },
  });

describe('the service as a process', () => {
  test('migrates, serves and stops with nothing but its environment', async () => {
    const { freshDatabase } = await testDatabases();
    const [DATABASE_URL, EVENTS_URL] = [await freshDatabase('chat'), await freshDatabase('events')];
    for (let i = 0; i < 2; i += 1) {
      assert.deepEqual(await once(run('migrate', { DATABASE_URL }), 'exit'), [0, null]);
    }

    const main = run('main', { DATABASE_URL, EVENTS_URL, PORT: '0', METRICS_PORT: '0' });
    const exited = once(main, 'exit');
    let url = '';
    createInterface(main.stdout).on('line', (line) => {
      const { msg, url: told } = JSON.parse(line);
      if (msg === 'listening') url = told;
    });
    await eventually('the service to be ready', async () => url !== '' && (await fetch(`${url}/readyz`)).ok);
    main.kill('SIGTERM');
    assert.deepEqual(await exited, [0, null]);
  });

  test('says what its environment lacks', async () => {
    const main = run('main', { WS_MAX_SOCKETS: 'many' });
    const [told, [code]] = await Promise.all([main.stderr.toArray(), once(main, 'exit')]);
    assert.equal(code, 1);
    assert.match(Buffer.concat(told).toString(), /WS_MAX_SOCKETS: must be a whole number/);
  });
});

test('limits have defaults, and the environment changes them', () => {
  const given = { DATABASE_URL: 'postgres://chat@localhost/chat', EVENTS_URL: 'kafka://localhost' };
  const config = readChatConfig(given);
  assert.deepEqual([config.port, config.metricsPort], [8082, 9182]);
  assert.equal(config.sockets.pingIntervalMs, 30_000);
  assert.equal(config.sockets.maxBufferedBytes, 1_048_576);
  assert.equal(readChatConfig({ ...given, WS_MAX_SOCKETS_PER_USER: '3' }).sockets.maxOpenPerUser, 3);
});
