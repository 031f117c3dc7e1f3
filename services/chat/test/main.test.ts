import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { startLink, testDatabases } from '@wave-connect/dev-env/testing';
import { readChatConfig } from '../src/config.ts';
import { eventually } from './support.ts';

const run = (program: string, env: Record<string, string>) =>
  spawn(process.execPath, [fileURLToPath(new URL(`../src/${program}.ts`, import.meta.url))], {
    env: { ...env, PATH: process.env.PATH },
  });

type Main = {
  url: string;
  kill(signal: NodeJS.Signals): void;
  /** The messages of its log so far. */
  said: string[];
  exited: Promise<unknown[]>;
};

/** Runs the service until it is ready. */
async function start(env: Record<string, string>): Promise<Main> {
  const main = run('main', { PORT: '0', METRICS_PORT: '0', ...env });
  const exited = once(main, 'exit');
  const said: string[] = [];
  let url = '';
  createInterface(main.stdout).on('line', (line) => {
    const { msg, url: told } = JSON.parse(line);
    said.push(msg);
    if (msg === 'listening') url = told;
  });
  await eventually('the service to be ready', async () => url !== '' && (await fetch(`${url}/readyz`)).ok);
  return { url, kill: (signal) => void main.kill(signal), said, exited };
}

async function migratedDatabases(): Promise<{ DATABASE_URL: string; EVENTS_URL: string }> {
  const { freshDatabase } = await testDatabases();
  const [DATABASE_URL, EVENTS_URL] = [await freshDatabase('chat'), await freshDatabase('events')];
  assert.deepEqual(await once(run('migrate', { DATABASE_URL }), 'exit'), [0, null]);
  return { DATABASE_URL, EVENTS_URL };
}

describe('the service as a process', () => {
  test('migrates, serves and stops with nothing but its environment', async () => {
    const env = await migratedDatabases();
    assert.deepEqual(await once(run('migrate', { DATABASE_URL: env.DATABASE_URL }), 'exit'), [0, null]);
    const main = await start(env);
    main.kill('SIGTERM');
    assert.deepEqual(await main.exited, [0, null]);
  });

  test('takes its time to stop, however often it is told to', async () => {
    const main = await start({ ...(await migratedDatabases()), SHUTDOWN_DELAY_MS: '1000' });
    main.kill('SIGTERM');
    await eventually('the stop', () => main.said.includes('stopping'));
    for (const signal of ['SIGTERM', 'SIGINT'] as const) main.kill(signal);
    assert.equal((await fetch(`${main.url}/readyz`)).status, 503);
    const response = await fetch(`${main.url}/api/chat/conversation`, { headers: { 'X-User-ID': randomUUID() } });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('connection'), 'close');
    assert.deepEqual(await main.exited, [0, null]);
    assert.ok(main.said.includes('stopped'));
  });

  test('ends by itself in time with 1 where database and bus hang', async () => {
    const { DATABASE_URL, EVENTS_URL } = await migratedDatabases();
    const [database, events] = [await startLink(DATABASE_URL), await startLink(EVENTS_URL)];
    const main = await start({ DATABASE_URL: database.url, EVENTS_URL: events.url, SHUTDOWN_DEADLINE_MS: '6000' });
    for (const link of [database, events]) link.freeze();
    const hanging = fetch(`${main.url}/api/chat/conversation`, { headers: { 'X-User-ID': randomUUID() } });
    main.kill('SIGTERM');
    await assert.rejects(hanging);
    assert.deepEqual(await main.exited, [1, null]);
    assert.ok(main.said.includes('parts were left behind'));
    assert.ok(!main.said.includes('stopping took too long'));
    for (const link of [database, events]) link.close();
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
