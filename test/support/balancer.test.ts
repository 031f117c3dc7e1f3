import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { freePort } from '@wave-connect/dev-env/machine';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { startBalancer } from './balancer.ts';

const SOON = { deadlineMs: 10_000 };

type Stub = { name: string; url: string; ready: boolean; breakConnections(): void };

/** Says its name on any path but /readyz. */
async function startStub(t: TestContext, name: string): Promise<Stub> {
  const sockets = new Set<Socket>();
  const stub = {
    name,
    url: '',
    ready: true,
    breakConnections: () => {
      for (const socket of sockets) socket.resetAndDestroy();
    },
  };
  const server = createHttpServer((request, response) => {
    if (request.url === '/readyz') response.statusCode = stub.ready ? 200 : 503;
    response.end(name);
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close().closeAllConnections());
  stub.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return stub;
}

async function balance(t: TestContext, backends: Stub[]) {
  const port = await freePort();
  const lines: string[] = [];
  const balancer = await startBalancer(port, backends, (line) => lines.push(line));
  t.after(() => balancer.stop());
  return { port, lines };
}

/** The body of a response, over a connection that stays open. */
async function ask(socket: Socket): Promise<string> {
  socket.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n');
  const [response] = await once(socket, 'data');
  return String(response).split('\r\n').at(-1) ?? '';
}

async function whoResponds(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  try {
    return await ask(socket);
  } finally {
    socket.destroy();
  }
}

test('new connections go to each ready backend in turn, open ones stay where they are', async (t) => {
  const [a, b] = [await startStub(t, 'a'), await startStub(t, 'b')];
  const { port, lines } = await balance(t, [a, b]);
  await waitFor('both to be ready', () => lines.length === 2, SOON);

  const open = connect(port, '127.0.0.1');
  t.after(() => open.destroy());
  const holder = (await ask(open)) === 'a' ? a : b;
  const other = holder === a ? b : a;
  assert.deepEqual([await whoResponds(port), await whoResponds(port)], [other.name, holder.name]);

  holder.ready = false;
  await waitFor('it to be noticed', () => lines.includes(`${holder.name} is not ready`), SOON);
  assert.deepEqual([await whoResponds(port), await whoResponds(port)], [other.name, other.name]);
  assert.equal(await ask(open), holder.name);

  holder.breakConnections();
  await assert.rejects(once(open, 'close'), { code: 'ECONNRESET' });
});

test('with no ready backend a connection is reset', async (t) => {
  const only = await startStub(t, 'only');
  const { port, lines } = await balance(t, [only]);
  await waitFor('it to be ready', () => lines.length === 1, SOON);
  only.ready = false;
  await waitFor('it to be noticed', () => lines.length === 2, SOON);
  await assert.rejects(whoResponds(port), { code: 'ECONNRESET' });
});

test('the end of one direction leaves the other open', async (t) => {
  const only = await startStub(t, 'only');
  const { port, lines } = await balance(t, [only]);
  await waitFor('it to be ready', () => lines.length === 1, SOON);
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  t.after(() => socket.destroy());
  socket.end('GET / HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n');
  const [response] = await once(socket, 'data');
  assert.match(String(response), /only$/);
  await once(socket, 'end');
});
