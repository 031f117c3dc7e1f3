import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../src/machine/index.ts';
import { isAlive } from '../src/processes/index.ts';
import { startSystem } from '../src/system/index.ts';
import { testKafkaUnavailable } from '../src/testing/index.ts';

async function register(url: string): Promise<number> {
  const response = await fetch(`${url}/api/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email: `${crypto.randomUUID()}@example.com`, password: 'correct horse' }),
  });
  await response.body?.cancel();
  return response.status;
}

test('the whole system serves, survives the loss of a service, and leaves nothing', async (t) => {
  const system = await startSystem();
  t.after(() => system.stop());
  assert.equal(await register(system.url), 201);

  await system.services.auth.kill();
  assert.equal(await register(system.url), 502);
  await system.services.auth.restart();
  assert.equal(await register(system.url), 201);

  await system.stop();
  const parts = [...Object.values(system.services), system.postgres];
  assert.deepEqual(
    parts.filter(({ pid }) => isAlive(pid)),
    [],
  );
});

test('with Kafka, its topics exist before the services start', { skip: testKafkaUnavailable() ?? false }, async (t) => {
  const system = await startSystem({ kafka: true });
  t.after(() => system.stop());
  assert.match(system.eventsUrl, /^kafka:/);
  assert.equal(await register(system.url), 201);
});

test('a start that fails stops what has come up', async () => {
  const dataDir = await temporaryFolder();
  const lines: string[] = [];
  const failing = startSystem({
    dataDir: join(dataDir, 'data'),
    serviceEnv: { feed: { EVENTS_URL: 'nonsense' } },
    onLine: (part, line) => lines.push(`${part} ${line}`),
  });
  await assert.rejects(failing, { name: 'StartError', summary: /^feed, not yet ready, ended with exit code 1$/ });
  assert.ok(lines.some((line) => /^postgres .*database system is shut down/.test(line)));
  await rm(dataDir, { recursive: true });
});

test('a start that is cut short stops what has come up', async () => {
  const dataDir = await temporaryFolder();
  const cut = new AbortController();
  const starting = startSystem({
    dataDir: join(dataDir, 'data'),
    signal: cut.signal,
    onLine: (part) => {
      if (part === 'gateway') cut.abort();
    },
  });
  await assert.rejects(starting, { name: 'AbortError' });
  await rm(dataDir, { recursive: true });
});
