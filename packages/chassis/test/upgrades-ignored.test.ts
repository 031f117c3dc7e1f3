import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, test } from 'node:test';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { createHttpServer, type HttpServer } from '../src/http/server.ts';

const SOON = { deadlineMs: 10_000, everyMs: 5 };

let server: HttpServer;
let port: number;
let upgrades: string[];
let closed: string[];
let held: ServerResponse[];

/** Responds with what it was asked, but holds back what is below /held. */
async function serve({ webSockets = true } = {}): Promise<void> {
  [upgrades, closed, held] = [[], [], []];
  server = createHttpServer(
    async (req, res) => {
      const { url = '' } = req;
      res.once('close', () => closed.push(url));
      const body = await text(req);
      if (url.startsWith('/held')) held.push(res);
      else res.end(`<${req.method} ${url} ${body}>`);
    },
    { host: '127.0.0.1', port: 0 },
  );
  if (webSockets) {
    server.server.on('upgrade', (req, socket) => {
      upgrades.push(`${req.url} ${req.headers.upgrade}`);
      socket.end('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');
    });
  }
  server.server.on('connect', (_req, socket) => socket.end('HTTP/1.1 405 Method Not Allowed\r\n\r\n'));
  port = Number(new URL(await server.start()).port);
}
afterEach(() => server.stop(0).catch(() => {}));

function open(): { socket: Socket; seen: () => string } {
  const socket = connect(port, '127.0.0.1').on('error', () => {});
  let seen = '';
  socket.on('data', (chunk) => {
    seen += chunk;
  });
  return { socket, seen: () => seen };
}

const asking = (target: string, upgrade: string, { version = '1.1', more = '', body = '' } = {}) =>
  `${target} HTTP/${version}\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: ${upgrade}\r\n` +
  `HTTP2-Settings: AAMAAABkAAQAAP__\r\n${more}\r\n${body}`;
const LENGTH = { more: 'Content-Length: 2\r\n', body: 'hi' };
const CHUNKED = { more: 'Transfer-Encoding: chunked\r\n', body: '2\r\nhi\r\n0\r\n\r\n' };
const PLAIN = 'GET /next HTTP/1.1\r\nHost: x\r\n\r\n';

describe('a request for an upgrade to another protocol', () => {
  for (const webSockets of [true, false]) {
    for (const upgrade of ['h2c', 'H2C', 'h2c, TLS/1.0', 'websocket2', 'x-websocket', 'websocket/13']) {
      test(`(${upgrade}) is served, and so is the next, ${webSockets ? 'beside' : 'without'} WebSockets`, async () => {
        await serve({ webSockets });
        const { socket, seen } = open();
        for (const [at, bytes] of [asking('GET /0', upgrade), asking('POST /1', upgrade, LENGTH)].entries()) {
          socket.write(bytes);
          await waitFor('the response', () => seen().includes(` /${at} `), SOON);
        }
        socket.write(PLAIN);
        await waitFor('the next', () => seen().includes('<GET /next >'), SOON);
        assert.match(seen(), /<GET \/0 >[\s\S]*<POST \/1 hi>/);
        assert.deepEqual(upgrades, []);
      });
    }
  }

  test('has its body, in whatever pieces that arrives', async () => {
    await serve();
    const { socket, seen } = open();
    for (const byte of asking('POST /slow', 'h2c', LENGTH)) socket.write(byte);
    await waitFor('the response', () => seen().includes('<POST /slow hi>'), SOON);
    socket.write(asking('PUT /chunked', 'h2c', CHUNKED));
    await waitFor('the other', () => seen().includes('<PUT /chunked hi>'), SOON);
  });

  for (const [name, options] of [
    ['no body', {}],
    ['a body', LENGTH],
    ['a chunked body', CHUNKED],
  ] as const) {
    test(`with ${name} that another one follows at once: each gets its response, or hears that it will not`, async () => {
      await serve();
      const { socket, seen } = open();
      socket.write(asking('PUT /0', 'h2c', options) + PLAIN);
      await waitFor('an end', () => seen().includes('<GET /next >') || socket.destroyed, SOON);
      assert.match(seen(), /<PUT \/0 (hi)?>/);
      if (!seen().includes('<GET /next >')) assert.match(seen(), /connection: close/i);
    });
  }
});

describe('a request for an upgrade to WebSocket', () => {
  test('is an upgrade, also as one of several protocols', async () => {
    await serve();
    for (const offered of ['websocket', 'WebSocket', 'h2c, websocket', 'websocket,h2c']) {
      const { socket } = open();
      socket.write(asking('GET /ws', offered));
      await once(socket, 'close');
    }
    assert.deepEqual(new Set(upgrades), new Set(['/ws websocket']));
    assert.equal(upgrades.length, 4);
  });

  test('is none in HTTP/1.0', async () => {
    await serve();
    const { socket, seen } = open();
    socket.write(asking('GET /old', 'websocket', { version: '1.0' }));
    await once(socket, 'close');
    assert.match(seen(), /<GET \/old >/);
    assert.deepEqual(upgrades, []);
  });

  test('is none before the responses of those before it', async () => {
    await serve();
    const { socket, seen } = open();
    socket.write(`GET /held HTTP/1.1\r\nHost: x\r\n\r\n${asking('GET /ws', 'websocket')}`);
    await waitFor('the first', () => held.length === 1, SOON);
    held[0]?.end('<first>');
    await waitFor('the second', () => seen().includes('<GET /ws >'), SOON);
    assert.match(seen(), /^HTTP\/1\.1 200 [\s\S]*<first>/);
    assert.deepEqual(upgrades, []);
  });
});

test('a request that waits behind another one ends with its connection, where CONNECT has taken that over', async () => {
  await serve();
  const { socket } = open();
  const waiting = ['/held/1', '/held/2', '/held/3'];
  socket.write(waiting.map((path) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`).join(''));
  await waitFor('all', () => held.length === waiting.length, SOON);
  socket.write('CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'close');
  await waitFor('their end', () => closed.length === waiting.length, SOON);
  assert.deepEqual(closed.toSorted(), waiting);
});
