import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import { waitFor } from '@wave-connect/dev-env/waiting';
import request from 'supertest';
import { aToken, exchange, parseProblem, startGateway, startUpstream, type Upstream } from '../support.ts';

const MIB = 1_048_576;
/** 64 KiB. */
const CHUNK = `10000\r\n${'x'.repeat(65_536)}\r\n`;
const PATIENCE_MS = 300;

let upstream: Upstream;
let gateway: Service;
let token: string;
let respond: (req: IncomingMessage, res: ServerResponse) => void;

const readAll = (req: IncomingMessage, res: ServerResponse) => {
  req.resume().on('end', () => res.end('{}'));
};

before(async () => {
  token = await aToken();
  upstream = await startUpstream((req, res) => respond(req, res));
});
after(() => upstream.close());
afterEach(() => gateway?.stop());

async function begin(env: Record<string, string> = {}) {
  respond = readAll;
  upstream.requests.length = 0;
  gateway = await startGateway(upstream.url, env);
}

const head = (lines: string) =>
  `PUT /api/profile/avatar/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n${lines}`;

test('a body of 1 MiB passes, whether its length is announced or not', async () => {
  await begin();
  const put = () => request(gateway.url).put('/api/profile/avatar/').set('Authorization', `Bearer ${token}`);
  await put().send(Buffer.alloc(MIB)).expect(200);
  const chunks = `${CHUNK.repeat(16)}0\r\n\r\n`;
  const response = await exchange(
    gateway.url,
    head(`Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`),
  );
  assert.match(response, /^HTTP\/1\.1 200 /);
  assert.equal(upstream.requests.length, 2);
});

test('a larger one that says so is a 413 before the service hears of it', async () => {
  await begin();
  const sent = head(`Connection: close\r\nContent-Length: ${MIB + 1}\r\n\r\n`);
  const { status, problem } = parseProblem(await exchange(gateway.url, sent));
  assert.equal(status, 413);
  assert.equal(problem.type, '/problems/content-too-large');
  assert.equal(upstream.requests.length, 0);
});

test('a client that asks first is told before it sends a byte', async () => {
  await begin();
  const ask = (length: number) =>
    head(`Connection: close\r\nExpect: 100-continue\r\nContent-Length: ${length}\r\n\r\n`);
  const refused = await exchange(gateway.url, ask(MIB + 1));
  assert.match(refused, /^HTTP\/1\.1 413 /);
  assert.equal(upstream.requests.length, 0);
  assert.match(await exchange(gateway.url, `${ask(2)}{}`), /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 /);
});

test('a larger one that comes in chunks is aborted, and the service never gets to its end', async () => {
  await begin();
  const { promise: brokenOff, resolve } = Promise.withResolvers<number>();
  respond = (req) => {
    let received = 0;
    req.on('data', (chunk) => {
      received += chunk.length;
    });
    req.on('error', () => {});
    req.once('close', () => resolve(req.complete ? -1 : received));
  };
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  socket.write(head('Transfer-Encoding: chunked\r\n\r\n') + CHUNK.repeat(17));
  const [response] = await once(socket, 'data');
  socket.destroy();
  const { status, problem } = parseProblem(String(response));
  assert.equal(status, 413);
  assert.equal(problem.type, '/problems/content-too-large');
  const received = await brokenOff;
  assert.ok(received >= 0 && received <= MIB, `${received} bytes`);
});

test('a chunked body that goes bad on the way is a 400, and the service never hears of it', async () => {
  await begin();
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.write(head('Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\nzz\r\n'));
  const [response] = await once(socket, 'data');
  assert.equal(parseProblem(String(response)).status, 400);
  assert.equal(upstream.requests.length, 0);
});

test('an upload in chunks that goes bad on the way is a 400, and the service never gets to its end', async () => {
  await begin();
  const { promise: arrived, resolve: arrive } = Promise.withResolvers<void>();
  const { promise: ended, resolve: end } = Promise.withResolvers<boolean>();
  respond = (req) => {
    req.on('error', () => {}).once('data', () => arrive());
    req.once('close', () => end(req.complete));
  };
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname);
  socket.write(head('Transfer-Encoding: chunked\r\n\r\n') + CHUNK.repeat(2));
  await arrived;
  socket.write('zz\r\n');
  const [response] = await once(socket, 'data');
  assert.equal(parseProblem(String(response)).status, 400);
  assert.equal(await ended, false);
});

test('a client that goes on sending after its response is disconnected', async () => {
  await begin();
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  socket.write('POST /nowhere HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n');
  const began = performance.now();
  const [response] = await once(
    socket.on('data', () => {}),
    'data',
  );
  assert.match(String(response), /^HTTP\/1\.1 404 /);
  await once(socket, 'close');
  assert.ok(performance.now() - began < 10_000);
});

test('headers that never end are a 408 at the limit', async () => {
  await begin({ HEADERS_TIMEOUT_MS: String(PATIENCE_MS) });
  const { hostname, port } = new URL(gateway.url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n');
  const drip = setInterval(() => socket.write('X-Slow: 1\r\n'), 20);
  const began = performance.now();
  let response = '';
  socket.on('data', (chunk) => {
    response += chunk;
  });
  await once(socket, 'close');
  clearInterval(drip);
  const took = performance.now() - began;
  assert.ok(took >= PATIENCE_MS - 50 && took < 5_000, `${took} ms`);
  const { status, problem } = parseProblem(response);
  assert.equal(status, 408);
  assert.equal(problem.type, '/problems/request-timeout');
});

test('a body that never ends is cut at its limit, and the service never gets to its end', async () => {
  await begin({ HEADERS_TIMEOUT_MS: String(PATIENCE_MS), REQUEST_TIMEOUT_MS: String(2 * PATIENCE_MS) });
  const small = await exchange(gateway.url, head('Content-Length: 10\r\n\r\n12345'));
  assert.equal(parseProblem(small).status, 408);
  assert.equal(upstream.requests.length, 0);

  const { promise: ended, resolve: end } = Promise.withResolvers<boolean>();
  respond = (req) => {
    req.on('error', () => {}).resume();
    req.once('close', () => end(req.complete));
  };
  const upload = await exchange(gateway.url, head(`Content-Length: ${MIB}\r\n\r\n12345`));
  assert.equal(parseProblem(upload).status, 408);
  assert.equal(await ended, false);
});

test('an idle connection is closed', async () => {
  await begin({ KEEP_ALIVE_TIMEOUT_MS: '100' });
  const response = await exchange(gateway.url, 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n');
  assert.match(response, /^HTTP\/1\.1 200 /);
});

for (const [what, path, authorized] of [
  ['a path of the gateway', '/nowhere', false],
  ['a path of a service', '/api/feed/', false],
  ['a body of a type that the service refuses', '/api/feed/', true],
] as const) {
  test(`50 requests with bodies for ${what} are refused on one connection without a warning`, async () => {
    await begin();
    respond = (req, res) => void req.resume().on('end', () => res.writeHead(415).end('{}'));
    const warnings: Error[] = [];
    const warned = (warning: Error) => warnings.push(warning);
    process.on('warning', warned);
    const { hostname, port } = new URL(gateway.url);
    const socket = connect(Number(port), hostname);
    let seen = '';
    socket.on('data', (chunk) => {
      seen += chunk;
    });
    const authorization = authorized ? `Authorization: Bearer ${token}\r\n` : '';
    const responses = () => seen.match(/HTTP\/1\.1 4\d\d /g)?.length ?? 0;
    for (let sent = 1; sent <= 50; sent += 1) {
      socket.write(`POST ${path} HTTP/1.1\r\nHost: x\r\n${authorization}Content-Length: 4\r\n\r\nab`);
      if (authorized) socket.write('cd');
      await waitFor('the response', () => responses() === sent, { deadlineMs: 10_000, everyMs: 1 });
      if (!authorized) socket.write('cd');
    }
    socket.destroy();
    process.off('warning', warned);
    assert.deepEqual(warnings, []);
  });
}
