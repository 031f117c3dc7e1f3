import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, test } from 'node:test';
import { createLogger } from '@wave-connect/chassis/observability';
import type { Service } from '@wave-connect/chassis/service';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { aToken, SOON, startGateway, startUpstream, type Upstream, USER } from '../support.ts';

type Line = { level: string; msg: string; status?: number; path?: string; user_id?: string; request_id?: string };

let lines: Line[];
let upstream: Upstream;
let gateway: Service;
let sockets: Socket[];

const destination = () =>
  new Writable({
    write(chunk, _encoding, done) {
      for (const line of String(chunk).trim().split('\n')) lines.push(JSON.parse(line));
      done();
    },
  });

beforeEach(async () => {
  lines = [];
  sockets = [];
  upstream = await startUpstream();
  await start(upstream.url);
});
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  await gateway.stop();
  await upstream.close();
});

async function start(url: string, env: Record<string, string> = {}): Promise<void> {
  gateway = await startGateway(url, env, { webApp: '/nowhere', log: createLogger('gateway', 'debug', destination()) });
}

/** Asks for an upgrade. */
function upgrade(path: string, headers: string[] = []): Socket {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${headers.join('')}\r\n`,
  );
  sockets.push(socket);
  return socket;
}

const token = async () => `Authorization: Bearer ${await aToken()}\r\n`;

/** The one line about upgrades in the request log. */
async function finished(): Promise<Line> {
  const found = () => lines.filter(({ msg }) => msg === 'request finished');
  await waitFor('the line', () => found().length > 0, SOON);
  assert.equal(found().length, 1);
  return found()[0] as Line;
}

async function counted(status: number): Promise<number> {
  const text = await (await fetch(`${gateway.metricsUrl}/metrics`)).text();
  const name = `http_request_duration_seconds_count\\{.*route="upgrade",status="${status}".*\\}`;
  return Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}

test('an accepted upgrade is in the request log and in the metrics', async () => {
  const [response] = await once(upgrade('/api/chat/ws?token=secret', [await token()]), 'data');
  assert.match(String(response), /^HTTP\/1\.1 101 /);
  const line = await finished();
  assert.deepEqual([line.level, line.status, line.path, line.user_id], ['debug', 101, '/api/chat/ws', USER]);
  assert.equal(line.request_id, upstream.requests[0]?.headers['x-request-id']);
  assert.equal(await counted(101), 1);
});

for (const [what, path, withToken, status] of [
  ['without a token', '/api/chat/ws', false, 401],
  ['of another path', '/api/feed/', true, 404],
] as const) {
  test(`an upgrade ${what} is, too, with the id of its response and no account that the client claims`, async () => {
    const headers = [`X-User-ID: ${USER}\r\n`, ...(withToken ? [await token()] : [])];
    const [response] = await once(upgrade(path, headers), 'data');
    const line = await finished();
    assert.deepEqual([line.level, line.status, line.path, line.user_id], ['info', status, path, undefined]);
    assert.ok(String(response).includes(`X-Request-Id: ${line.request_id}\r\n`));
    assert.equal(await counted(status), 1);
  });
}

test('a request that is refused before its token is looked at is logged with no account that the client claims', async () => {
  await fetch(`${gateway.url}/api/feed/?${'x'.repeat(8_001)}`, { headers: { 'X-User-ID': USER } });
  await waitFor('the lines', () => lines.some(({ status }) => status === 414), SOON);
  for (const { user_id } of lines) assert.equal(user_id, undefined);
});

test('so is one whose service does not respond', async () => {
  await upstream.close();
  const [response] = await once(upgrade('/api/chat/ws', [await token()]), 'data');
  assert.match(String(response), /^HTTP\/1\.1 502 /);
  const line = await finished();
  assert.deepEqual([line.level, line.status], ['warn', 502]);
  assert.equal(lines.filter(({ msg }) => msg === 'upgrade failed').length, 1);
  assert.equal(await counted(502), 1);
  upstream = await startUpstream();
});

test('one that the service refuses has the status of the service', async () => {
  const refusing = await startUpstream();
  refusing.server.removeAllListeners('upgrade');
  refusing.server.on('upgrade', (_req, socket) => {
    socket.end('HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
  });
  await gateway.stop();
  await start(refusing.url);
  const [response] = await once(upgrade('/api/chat/ws', [await token()]), 'data');
  assert.match(String(response), /^HTTP\/1\.1 429 /);
  assert.equal((await finished()).status, 429);
  await refusing.close();
});

test('one that the service leaves without a response gives its place back', async () => {
  const mute = await startUpstream();
  mute.server.removeAllListeners('upgrade');
  mute.server.on('upgrade', (_req, socket) => void sockets.push(socket as Socket));
  await gateway.stop();
  await start(mute.url, { MAX_REQUESTS_PER_CALLER: '1', UPSTREAM_TIMEOUT_MS: '100' });
  for (let count = 1; count <= 3; count += 1) {
    const [response] = await once(upgrade('/api/chat/ws', [await token()]), 'data');
    assert.match(String(response), /^HTTP\/1\.1 504 /);
  }
  assert.equal(await counted(504), 3);
  for (const socket of sockets) socket.destroy();
  await mute.close();
});
