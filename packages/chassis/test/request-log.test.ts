import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { OverloadedError } from '../src/errors.ts';
import { bareApp } from '../src/http/app.ts';
import { jsonBody } from '../src/http/input.ts';
import { problemHandler } from '../src/http/problem.ts';
import { requestLog } from '../src/http/request-log.ts';
import { createLogger } from '../src/observability/log.ts';
import { Metrics } from '../src/observability/metrics.ts';

const SOON = { deadlineMs: 20_000 };
const metrics = new Metrics('test');
let server: Server;
let url: string;
let lines: { level: string; msg: string; status?: number; err?: unknown }[] = [];
let handle: () => Promise<unknown>;

before(async () => {
  const log = createLogger('test', 'debug', { write: (line) => void lines.push(JSON.parse(line)) });
  const app = bareApp().use(requestLog(log), metrics.observeRequests, jsonBody());
  app.post('/', async (_req, res) => void res.json(await handle()));
  app.use(problemHandler(log));
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => server.close());
beforeEach(() => {
  lines = [];
  handle = async () => ({});
});

/** The line of the request, once it is there, and nothing beside it. */
async function onlyLine() {
  await waitFor('the line of the request', () => lines.some(({ status }) => status !== undefined), SOON);
  assert.equal(lines.length, 1, JSON.stringify(lines));
  const [{ level, status, err } = assert.fail()] = lines;
  assert.equal(err, undefined);
  return { level, status };
}

async function counted(status: number): Promise<number> {
  const text = await metrics.registry.getSingleMetricAsString('http_request_duration_seconds');
  return Number(new RegExp(`_count{.*status="${status}".*} (\\d+)`).exec(text)?.[1] ?? 0);
}

const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: 'POST',
    body: new Uint8Array(Buffer.from(body)),
    headers: { 'Content-Type': 'application/json', ...headers },
  });

/** Sends the beginning of a request, and leaves when `leave` has resolved. */
async function abort(bytes: string, leave: Promise<unknown>): Promise<void> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.write(`POST / HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${bytes}`);
  await leave;
  socket.destroy();
}

test('a client that leaves within its body is logged as 499 at info, and is no failure', async () => {
  const before = await counted(499);
  await abort('Content-Length: 10\r\n\r\n{"a"', once(server, 'request'));
  assert.deepEqual(await onlyLine(), { level: 'info', status: 499 });
  assert.equal(await counted(499), before + 1);
});

test('so is one that leaves before its response', async () => {
  const before = await counted(499);
  const reached = Promise.withResolvers<void>();
  handle = () => {
    reached.resolve();
    return new Promise(() => {});
  };
  await abort('Content-Length: 2\r\n\r\n{}', reached.promise);
  assert.deepEqual(await onlyLine(), { level: 'info', status: 499 });
  assert.equal(await counted(499), before + 1);
});

for (const [what, status, ask] of [
  ['a body that is too large', 413, () => post('x'.repeat(65_537))],
  ['a body that is no JSON', 400, () => post('{')],
  ['a body that is not of its compression', 400, () => post('{}', { 'Content-Encoding': 'gzip' })],
  ['a compression that is unknown', 415, () => post('{}', { 'Content-Encoding': 'x' })],
  ['another charset', 415, () => post('{}', { 'Content-Type': 'application/json; charset=latin1' })],
] as const) {
  test(`${what} is a ${status} at info, without a stack`, async () => {
    assert.equal((await ask()).status, status);
    assert.deepEqual(await onlyLine(), { level: 'info', status });
  });
}

test('what is refused by load shedding has no stack', async () => {
  handle = () => Promise.reject(new OverloadedError('There is too much to do.'));
  assert.equal((await post('{}')).status, 503);
  assert.deepEqual(await onlyLine(), { level: 'warn', status: 503 });
});

test('a database that is away has one', async () => {
  handle = () => Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
  assert.equal((await post('{}')).status, 503);
  await waitFor('two lines', () => lines.length === 2, SOON);
  assert.deepEqual(
    lines.map(({ level, err }) => [level, err !== undefined]),
    [
      ['error', true],
      ['warn', false],
    ],
  );
});
