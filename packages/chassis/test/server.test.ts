import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Agent, get, type IncomingMessage, type RequestListener } from 'node:http';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { createHttpServer, type HttpServer } from '../src/http/server.ts';

const LARGE = 'x'.repeat(8 * 1024 * 1024);

let server: HttpServer;
let port: number;

async function serve(listener: RequestListener): Promise<void> {
  server = createHttpServer(listener, { host: '127.0.0.1', port: 0 });
  port = Number(new URL(await server.start()).port);
}
afterEach(() => server.stop(0).catch(() => {}));

async function open(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

const ask = (socket: Socket, head = 'GET / HTTP/1.1') => socket.write(`${head}\r\nHost: x\r\n\r\n`);

/** Asks and returns the response, on a connection that stays where the server lets it. */
async function request(agent: Agent): Promise<IncomingMessage> {
  const [response] = await once(get({ port, host: '127.0.0.1', agent }), 'response');
  await text(response);
  return response;
}

/** Holds requests back until it is told to respond. */
function holdingBack() {
  const arrived: string[] = [];
  const responses: (() => void)[] = [];
  const listener: RequestListener = async (req, res) => {
    arrived.push(req.url ?? '');
    const body = await text(req);
    responses.push(() => res.end(body || 'late'));
  };
  return { arrived, responses, listener, ready: () => waitFor('the request', () => arrived.length > 0, SOON) };
}
const SOON = { deadlineMs: 10_000, everyMs: 5 };

describe('a server that drains', () => {
  test('serves on, and says with each response that the connection closes', async () => {
    await serve((_req, res) => res.end('served'));
    const agent = new Agent({ keepAlive: true });
    assert.equal((await request(agent)).headers.connection, 'keep-alive');
    server.drain();
    assert.equal((await request(agent)).headers.connection, 'close');
    assert.equal((await request(agent)).headers.connection, 'close');
    agent.destroy();
  });

  test('says so to requests that came before', async () => {
    const { responses, listener } = holdingBack();
    await serve(listener);
    const responded = request(new Agent({ keepAlive: true }));
    await waitFor('the request', () => responses.length > 0, SOON);
    server.drain();
    responses[0]?.();
    assert.equal((await responded).headers.connection, 'close');
  });
});

describe('a server that stops', () => {
  test('closes idle connections at once, and accepts no more', async () => {
    await serve((_req, res) => res.end());
    const socket = await open();
    const closed = once(socket, 'close');
    ask(socket);
    await once(socket, 'data');
    await server.stop();
    await closed;
    const [error] = await once(connect(port, '127.0.0.1'), 'error');
    assert.equal(error.code, 'ECONNREFUSED');
  });

  test('finishes what is in flight, and closes', async () => {
    const { responses, listener } = holdingBack();
    await serve(listener);
    const socket = await open();
    ask(socket);
    const response = text(socket);
    await waitFor('the request', () => responses.length > 0, SOON);
    const stopped = server.stop();
    responses[0]?.();
    assert.match(await response, /Connection: close.*late$/s);
    await stopped;
  });

  test('finishes a request whose head or body is still arriving', async () => {
    const { arrived, responses, listener, ready } = holdingBack();
    await serve(listener);
    const [half, whole] = [await open(), await open()];
    half.write('GET /half HTTP/1.1\r\n');
    whole.write('POST /body HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nbo');
    await ready();
    const said = Promise.all([text(half), text(whole)]);
    const stopped = server.stop();
    // By then what is idle has been closed.
    for (let turns = 0; turns < 3; turns += 1) await nextTurn();
    half.write('Host: x\r\n\r\n');
    whole.write('dy');
    await waitFor('both', () => responses.length === 2, SOON);
    for (const response of responses) response();
    const [first, second] = await said;
    assert.match(first, /late$/);
    assert.match(second, /body$/);
    assert.deepEqual(arrived.toSorted(), ['/body', '/half']);
    await stopped;
  });

  test('breaks off no response that a slow reader has not taken yet', async () => {
    let written = false;
    await serve((_req, res) => {
      res.end(LARGE);
      written = true;
    });
    const socket = await open();
    ask(socket);
    await waitFor('the response to be written', () => written, SOON);
    const stopped = server.stop();
    const response = await text(socket);
    assert.equal(response.length - response.indexOf('\r\n\r\n') - 4, LARGE.length);
    await stopped;
  });

  test('breaks off what takes longer than its limit, and says so', async () => {
    const { listener, ready } = holdingBack();
    await serve(listener);
    const socket = await open();
    const closed = once(socket.resume(), 'close');
    ask(socket);
    await ready();
    await assert.rejects(server.stop(300), /1 requests were broken off/);
    await closed;
  });
});

test('idle connections are announced to be kept for less than a stop may wait', async () => {
  await serve((_req, res) => res.end());
  const agent = new Agent({ keepAlive: true });
  assert.equal((await request(agent)).headers['keep-alive'], 'timeout=5');
  agent.destroy();
});
