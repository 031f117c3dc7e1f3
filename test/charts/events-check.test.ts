import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { promisify } from 'node:util';
import { root } from './charts.ts';

const SCRIPT = join(root, 'charts/wave-connect/files/events-check.mjs');
const run = (services: Record<string, string>, timeoutMs: number) => {
  const SERVICES = Object.entries(services).map((each) => each.join('='));
  const env = { SERVICES: SERVICES.join(' '), TIMEOUT_MS: String(timeoutMs) };
  return promisify(execFile)(process.execPath, [SCRIPT], { env });
};

type Check = { name: string; status: string; detail?: string };
const DATABASE = { name: 'database', status: 'ok' };
const waiting = (detail: string): Check => ({ name: 'consumer feed', status: 'waiting', detail });
const FLOWING = { name: 'consumer feed', status: 'ok' };

/** Where a service says each of these in turn of its readiness, and the last one from then on. */
async function service(context: TestContext, ...reports: { status?: number; checks: Check[] }[]): Promise<string> {
  let asked = 0;
  const server = createServer((req, res) => {
    assert.equal(req.url, '/readyz');
    const { status = 200, checks } = reports[Math.min(asked++, reports.length - 1)] ?? { checks: [] };
    res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify({ status: 'any', checks }));
  }).listen(0, '127.0.0.1');
  context.after(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return `http://127.0.0.1:${port}`;
}

/** A port where nothing listens any more. */
async function nowhere(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  await promisify(server.close.bind(server))();
  return `http://127.0.0.1:${port}`;
}

test('it ends once no service waits for Kafka any more', async (context) => {
  const auth = await service(context, { checks: [DATABASE] });
  const feed = await service(
    context,
    { status: 503, checks: [{ ...DATABASE, status: 'failing' }, waiting('the password is not there yet')] },
    { checks: [DATABASE, waiting('its topics are not all there')] },
    { checks: [DATABASE, FLOWING] },
  );
  const { stdout } = await run({ auth, feed }, 60_000);
  assert.deepEqual(stdout.trim().split('\n'), [
    'auth: events flow',
    'feed: database is failing; consumer feed is waiting: the password is not there yet',
    'feed: consumer feed is waiting: its topics are not all there',
    'feed: events flow',
  ]);
});

test('it fails when time is up, and names which check of which service waits for what', async (context) => {
  const auth = await service(context, { checks: [DATABASE] });
  const feed = await service(context, { checks: [DATABASE, waiting('the brokers refuse the login')] });
  const chat = await nowhere();
  await assert.rejects(run({ auth, feed, chat }, 1_500), ({ code, stdout }: { code: number; stdout: string }) => {
    assert.equal(code, 1);
    const [, left = ''] = stdout.split('Events do not flow after 1500 ms:\n');
    assert.equal(
      left,
      '- feed: consumer feed is waiting: the brokers refuse the login\n- chat: no response (ECONNREFUSED)\n',
    );
    return true;
  });
});

test('a service that is not ready and does not say why is waited for', async (context) => {
  const auth = await service(context, { status: 503, checks: [] }, { checks: [] });
  assert.match((await run({ auth }, 60_000)).stdout, /auth: it is not ready \(503\)\nauth: events flow/);
});
