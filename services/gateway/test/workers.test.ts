import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { repositoryRoot } from '@wave-connect/dev-env/machine';
import { family, type ManagedProcess, startProcess } from '@wave-connect/dev-env/processes';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { canSharePort } from '../src/workers.ts';
import { aToken, SECRET, startUpstream, type Upstream } from './support.ts';

const SOON = { deadlineMs: 60_000 };
const WORKERS = 2;

type Line = { msg: string; url?: string };

let upstream: Upstream;
let respond: (res: ServerResponse) => void;
let gateway: ManagedProcess;
let lines: Line[];

before(async () => {
  upstream = await startUpstream((_req, res) => respond(res));
});
after(() => upstream.close());
afterEach(() => gateway.stop());

async function launch(env: Record<string, string> = {}): Promise<void> {
  respond = (res) => void res.end('{}');
  lines = [];
  gateway = await startProcess({
    command: process.execPath,
    args: ['services/gateway/src/main.ts'],
    env: {
      PATH: process.env.PATH,
      WORKERS: String(WORKERS),
      PORT: '0',
      METRICS_PORT: '0',
      JWT_SECRET: SECRET,
      RATE_LIMIT: 'off',
      FEED_SERVICE_URL: upstream.url,
      ...env,
    },
    cwd: repositoryRoot,
    onLine: (line) => lines.push(JSON.parse(line)),
  });
}

const said = (msg: string) => lines.filter((line) => line.msg === msg);

async function start(): Promise<void> {
  await launch();
  await waitFor('all to listen', () => said('listening').length === WORKERS, SOON);
}

/** On a connection of its own, which goes to any worker. */
async function ask(): Promise<number> {
  const headers = { Authorization: `Bearer ${await aToken()}`, Connection: 'close' };
  return (await fetch(`${said('listening')[0]?.url}/api/feed/`, { headers })).status;
}

const workers = () => family(gateway.pid).filter((pid) => pid !== gateway.pid);

test('workers respond on one port, and their metrics are one', async () => {
  await start();
  assert.equal(new Set(said('listening').map(({ url }) => url)).size, 1);
  assert.equal(workers().length, WORKERS);
  const asked = 4 * WORKERS;
  for (let request = 0; request < asked; request += 1) assert.equal(await ask(), 200);

  const [{ url } = {}] = said('serving the metrics of the workers');
  const counted = async () => {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    return Number(/^http_request_duration_seconds_count\{.*route="feed".*\} (\d+)$/m.exec(metrics)?.[1]) === asked;
  };
  await waitFor('all to be counted', counted, SOON);
});

test('they accept connections each by itself, without the primary', { skip: !canSharePort }, async () => {
  await start();
  // It alone: its workers go on.
  process.kill(gateway.pid, 'SIGSTOP');
  try {
    for (let request = 0; request < 4 * WORKERS; request += 1) assert.equal(await ask(), 200);
  } finally {
    gateway.resume();
  }
});

test('a worker that dies is replaced, and the others respond meanwhile', async () => {
  await start();
  process.kill(workers()[0] as number, 'SIGKILL');
  await waitFor('its end', () => said('a worker died; another takes its place').length === 1, SOON);
  assert.equal(await ask(), 200);
  await waitFor('another', () => said('listening').length === WORKERS + 1, SOON);
  assert.equal(workers().length, WORKERS);
});

test('a stop finishes requests in flight, and ends all of them', async () => {
  await start();
  const held: ServerResponse[] = [];
  respond = (res) => void held.push(res);
  const inFlight = Array.from({ length: 2 * WORKERS }, ask);
  await waitFor('all to wait', () => held.length === inFlight.length, SOON);
  const stopped = gateway.stop();
  await waitFor('the stop', () => said('stopping').length === WORKERS + 1, SOON);
  for (const res of held) res.end('{}');
  assert.deepEqual(new Set(await Promise.all(inFlight)), new Set([200]));
  await stopped;
  assert.deepEqual(await gateway.exited, { code: 0, signal: null });
  assert.deepEqual(workers(), []);
});

for (const [moment, reached] of [
  ['the primary serves metrics', () => said('serving the metrics of the workers').length > 0],
  ['the first worker has begun', () => workers().length > 0],
  ['the first worker listens', () => said('listening').length > 0],
  ['the second worker has begun', () => workers().length > 1],
] as const) {
  test(`a stop that comes once ${moment} is no failure, and leaves no process`, async () => {
    await launch();
    await waitFor(moment, reached, { ...SOON, everyMs: 1 });
    process.kill(gateway.pid, 'SIGTERM');
    assert.deepEqual(await gateway.exited, { code: 0, signal: null });
    assert.deepEqual(workers(), []);
    assert.deepEqual(said('could not start'), []);
  });
}

test('where they cannot listen the start fails, and is not tried for ever', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  await launch({ PORT: String(port) });
  assert.equal((await gateway.exited).code, 1);
  assert.ok(said(`port ${port} is taken; set PORT or METRICS_PORT to another one`).length > 0);
  taken.close();
});
