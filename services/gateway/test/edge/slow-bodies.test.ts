import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { aToken, exchange, parseProblem, SOON, startGateway, startUpstream, type Upstream } from '../support.ts';

const PLACES = 4;
const PER_CALLER = 3;
const BUFFERED = 65_536;

let upstream: Upstream;
let gateway: Service;
let token: string;
let other: string;
let sockets: Socket[] = [];

before(async () => {
  token = await aToken();
  other = await aToken({ payload: { sub: '0190d9a0-0000-7000-8000-000000000001' } });
  upstream = await startUpstream((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk) => chunks.push(chunk)).on('end', () => res.end(Buffer.concat(chunks)));
  });
});
after(() => upstream.close());
afterEach(async () => {
  for (const socket of sockets) socket.destroy();
  sockets = [];
  await gateway.stop();
});

async function begin(env: Record<string, string> = {}): Promise<void> {
  upstream.connections = 0;
  upstream.requests.length = 0;
  gateway = await startGateway(upstream.url, {
    UPSTREAM_MAX_SOCKETS: String(PLACES),
    UPSTREAM_MAX_QUEUED: '0',
    MAX_REQUESTS_IN_FLIGHT: String(PLACES),
    MAX_REQUESTS_PER_CALLER: String(PER_CALLER),
    ...env,
  });
}

const head = (path: string, length: number | 'chunked', lines: string[] = []) =>
  `${[
    `POST ${path} HTTP/1.1`,
    'Host: x',
    length === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`,
    ...lines,
  ].join('\r\n')}\r\n\r\n`;
const bearer = (of = token) => `Authorization: Bearer ${of}`;

/** A connection that has sent that much, and what came back. */
function open(bytes: string, localAddress = '127.0.0.1'): { socket: Socket; seen: () => string } {
  const { hostname, port } = new URL(gateway.url);
  const socket = connect({ port: Number(port), host: hostname, localAddress }).on('error', () => {});
  let seen = '';
  socket.on('data', (chunk) => {
    seen += chunk;
  });
  socket.write(bytes, 'latin1');
  sockets.push(socket);
  return { socket, seen: () => seen };
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${gateway.metricsUrl}/metrics`)).text();
  return Number(new RegExp(`^${name}.* (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
}
const get = (of: string) => fetch(`${gateway.url}/api/feed/`, { headers: { Authorization: `Bearer ${of}` } });

test('bodies that do not end take neither a place nor an upstream connection', async () => {
  await begin({ MAX_REQUESTS_PER_CALLER: '1000' });
  const count = 4 * PLACES;
  for (let at = 0; at < count; at += 1) {
    open(`${head('/api/feed/', at % 2 === 0 ? 10 : 'chunked', [bearer()])}${at % 2 === 0 ? '' : '2\r\n'}12`);
  }
  await waitFor('the bodies', async () => (await metric('body_bytes_buffered')) === 2 * count, SOON);
  assert.equal(upstream.connections, 0);
  assert.equal(await metric('requests_in_flight'), 0);
  assert.equal((await get(other)).status, 200);
});

test('a body in pieces arrives whole, and its memory is given back', async () => {
  await begin();
  const { socket, seen } = open(head('/api/feed/', 6, [bearer(), 'Connection: close']));
  for (const piece of ['a', 'bc', 'def']) {
    socket.write(piece);
    await waitFor('the piece', async () => (await metric('body_bytes_buffered')) > 0 || seen() !== '', SOON);
  }
  await once(socket, 'close');
  assert.match(seen(), /^HTTP\/1\.1 200 [\s\S]*\r\n\r\nabcdef$/);
  const [req] = upstream.requests;
  assert.equal(req?.headers['content-length'], '6');
  await waitFor('its memory', async () => (await metric('body_bytes_buffered')) === 0, SOON);
});

for (const [name, length] of [
  ['at the size that is held', BUFFERED],
  ['one byte over it', BUFFERED + 1],
] as const) {
  test(`a chunked body ${name} arrives as it was sent`, async () => {
    await begin();
    const body = 'x'.repeat(length - 1).concat('y');
    const chunks = `${(length - 1).toString(16)}\r\n${body.slice(0, -1)}\r\n1\r\n${body.slice(-1)}\r\n0\r\n\r\n`;
    const sent = head('/api/feed/', 'chunked', [bearer(), 'Connection: close']) + chunks;
    const { socket, seen } = open(sent);
    await once(socket, 'close');
    assert.match(seen(), /^HTTP\/1\.1 200 /);
    assert.ok(seen().endsWith(body));
    assert.equal(upstream.requests.length, 1);
  });
}

test('one caller has so many requests at the same time; the next is a 429, and others go on', async () => {
  await begin();
  for (let at = 0; at < PER_CALLER; at += 1) open(`${head('/api/feed/', 10, [bearer()])}12`);
  await waitFor('the bodies', async () => (await metric('body_bytes_buffered')) === 2 * PER_CALLER, SOON);
  const refused = await get(token);
  assert.equal(refused.status, 429);
  assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
  assert.match(await refused.text(), /problems\/too-many-requests/);
  const upgrade = `GET /api/chat/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${bearer()}\r\n\r\n`;
  assert.equal(parseProblem(await exchange(gateway.url, upgrade)).status, 429);
  assert.equal((await get(other)).status, 200);
  assert.equal(await metric('callers_limited_total'), 2);

  sockets[0]?.destroy();
  await waitFor('a place', async () => (await get(token)).status === 200, SOON);
});

test('without an account a caller is a network, and sign-ins of others go on', async () => {
  await begin();
  const login = head('/api/auth/login', 10);
  const attackers = Array.from({ length: 4 * PLACES }, () => open(`${login}12`));
  await waitFor(
    'the limit',
    () => attackers.filter(({ seen }) => seen() !== '').length === attackers.length - PER_CALLER,
    SOON,
  );
  for (const { seen } of attackers) assert.match(seen(), /^$|^HTTP\/1\.1 429 /);
  const { socket, seen } = open(`${head('/api/auth/login', 2, ['Connection: close'])}{}`, '127.0.0.2');
  await once(socket, 'close');
  assert.match(seen(), /^HTTP\/1\.1 200 /);
});

test('beyond the memory for all bodies the slowest is a 503', async () => {
  await begin({ BODY_BUFFER_BYTES: '1048576', BODY_BUFFER_TOTAL_BYTES: '1048576', MAX_REQUESTS_PER_CALLER: '1000' });
  const half = 'x'.repeat(600_000);
  const oldest = open(head('/api/feed/', 1_000_000, [bearer()]) + half);
  await waitFor('the first', async () => (await metric('body_bytes_buffered')) >= half.length, SOON);
  const next = open(head('/api/feed/', 1_000_000, [bearer(other)]) + half);
  await waitFor('the refusal', () => oldest.seen() !== '', SOON);
  assert.match(oldest.seen(), /^HTTP\/1\.1 503 [\s\S]*retry-after: \d/i);
  next.socket.write('x'.repeat(400_000));
  await waitFor('the response', () => next.seen() !== '', SOON);
  assert.match(next.seen(), /^HTTP\/1\.1 200 /);
});

test('uploads have places of their own: per caller, and in all', async () => {
  await begin({ MAX_UPLOADS: '2', MAX_UPLOADS_PER_CALLER: '1', MAX_REQUESTS_PER_CALLER: '1000' });
  const upload = (of: string) => `${head('/api/feed/', BUFFERED + 1, [bearer(of)])}12`;
  const third = await aToken({ payload: { sub: '0190d9a0-0000-7000-8000-000000000002' } });
  open(upload(token));
  await waitFor('the first', () => upstream.requests.length === 1, SOON);
  const again = open(upload(token));
  await waitFor('the limit of the caller', () => again.seen() !== '', SOON);
  assert.match(again.seen(), /^HTTP\/1\.1 429 /);
  open(upload(other));
  await waitFor('the second', () => upstream.requests.length === 2, SOON);
  const last = open(upload(third));
  await waitFor('the limit of all', () => last.seen() !== '', SOON);
  assert.match(last.seen(), /^HTTP\/1\.1 503 /);
  assert.equal((await get(third)).status, 200);
});

test('an upload that is too slow is a 408, and the service never gets to its end', async () => {
  await begin();
  const { socket, seen } = open(`${head('/api/feed/', BUFFERED + 1, [bearer()])}12`);
  const drip = setInterval(() => socket.write('x'), 50);
  await waitFor('the refusal', () => seen() !== '', SOON);
  clearInterval(drip);
  assert.match(seen(), /^HTTP\/1\.1 408 [\s\S]*request-timeout/);
  await waitFor('the end', () => upstream.requests[0]?.destroyed === true, SOON);
  assert.equal(upstream.requests[0]?.complete, false);
});

test('an address has so many connections without a request, and those with one do not count', async () => {
  await begin({ MAX_NEW_CONNECTIONS_PER_ADDRESS: '2' });
  const busy = Array.from({ length: 2 }, () => open('GET /livez HTTP/1.1\r\nHost: x\r\n\r\n'));
  await waitFor('responses', () => busy.every(({ seen }) => seen() !== ''), SOON);
  open('GET');
  open('');
  await waitFor(
    'a refused connection',
    async () => {
      const { socket } = open('GET');
      await once(socket, 'close');
      return socket.bytesRead === 0;
    },
    SOON,
  );
  assert.match(
    await exchangeFrom('127.0.0.2', 'GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n'),
    /^HTTP\/1\.1 200 /,
  );
});

async function exchangeFrom(address: string, bytes: string): Promise<string> {
  const { socket, seen } = open(bytes, address);
  await once(socket, 'close');
  return seen();
}
