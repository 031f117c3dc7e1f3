import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import { aToken, exchange, parseProblem, startGateway, startUpstream, type Upstream } from '../support.ts';

let upstream: Upstream;
let gateway: Service;
let head: string;

before(async () => {
  upstream = await startUpstream();
  gateway = await startGateway(upstream.url);
  head = `POST /api/feed/ HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${await aToken()}\r\n`;
});
after(async () => {
  await gateway.stop();
  await upstream.close();
});
beforeEach(() => {
  upstream.requests.length = 0;
});

/** What a second reader might take for a request of its own. */
const HIDDEN = 'GET /api/auth/id/ HTTP/1.1\r\nHost: x\r\nX-User-ID: somebody\r\n\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';

const AMBIGUOUS: [string, string][] = [
  ['both a length and a transfer coding', `Content-Length: 6\r\n${CHUNKED}\r\n0\r\n\r\n${HIDDEN}`],
  ['both a transfer coding and a length', `${CHUNKED}Content-Length: 6\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ['two lengths', `Content-Length: 0\r\nContent-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`],
  ['the same length twice', `Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}`],
  ['a list of lengths', 'Content-Length: 2, 2\r\n\r\n{}'],
  ['a length with a sign', 'Content-Length: +2\r\n\r\n{}'],
  ['a negative length', 'Content-Length: -1\r\n\r\n{}'],
  ['a space before the colon of a length', `Content-Length : ${HIDDEN.length}\r\n\r\n${HIDDEN}`],
  ['a space before the colon of a transfer coding', `Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ['a folded header', 'X-Note: one\r\n X-User-ID: somebody\r\n\r\n'],
  ['a folded transfer coding', `Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n${HIDDEN}`],
  ['an unknown transfer coding', 'Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
  ['a transfer coding before chunked', 'Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n'],
  ['a transfer coding after chunked', 'Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n'],
  ['chunked twice', `${CHUNKED}${CHUNKED}\r\n0\r\n\r\n`],
  ['a control character before chunked', 'Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n'],
  ['a chunk size that is no number', `${CHUNKED}\r\nzz\r\n{}\r\n0\r\n\r\n`],
  ['a negative chunk size', `${CHUNKED}\r\n-1\r\n{}\r\n0\r\n\r\n`],
  ['a chunk longer than it says', `${CHUNKED}\r\n1\r\n{}\r\n0\r\n\r\n`],
  ['a chunk size that ends in a bare line feed', `${CHUNKED}\r\n2\n{}\r\n0\r\n\r\n`],
  ['a bare carriage return', 'X-Note: one\rX-User-ID: somebody\r\n\r\n'],
  ['a NUL', 'X-Note: one\0two\r\n\r\n'],
  ['a header name that is none', 'X Note: one\r\n\r\n'],
  ['a second host', 'Host: y\r\n\r\n'],
];

for (const [what, rest] of AMBIGUOUS) {
  test(`${what} is a 400 that closes the connection, and the service sees nothing`, async () => {
    const response = await exchange(gateway.url, `${head}Connection: close\r\n${rest}`);
    assert.equal(response.match(/HTTP\/1\.1 /g)?.length, 1);
    const { status, headers, problem } = parseProblem(response);
    assert.equal(status, 400);
    assert.equal(headers.get('content-type'), 'application/problem+json; charset=utf-8');
    assert.equal(problem.type, '/problems/invalid-request');
    assert.match(problem.request_id, /^[0-9a-f-]{36}$/);
    assert.equal(headers.get('x-request-id'), problem.request_id);
    assert.equal(upstream.requests.length, 0);
  });
}

const UNREADABLE: [string, string, number][] = [
  ['no HTTP at all', '\x16\x03\x01\x02\x00\x01\x00', 400],
  ['a method that is none', 'BREW / HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ['another version of HTTP', 'GET / HTTP/3.0\r\nHost: x\r\n\r\n', 400],
  ['HTTP/2 without being asked', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
  ['bare line feeds', 'GET / HTTP/1.1\nHost: x\n\n', 400],
  ['no host', 'GET /livex HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
  ['a transfer coding in HTTP/1.0', `POST /x HTTP/1.0\r\nHost: x\r\n${CHUNKED}\r\n0\r\n\r\n`, 400],
  ['headers of 17 KiB', `GET / HTTP/1.1\r\nHost: x\r\nX-Note: ${'x'.repeat(17_408)}\r\n\r\n`, 431],
  ['101 headers', `GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${'X-Note: x\r\n'.repeat(99)}\r\n`, 431],
  ['an address of 8,001 characters', `GET /${'x'.repeat(8_000)} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`, 414],
  ['an expectation that is not met', 'GET /x HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: tea\r\n\r\n', 417],
];

for (const [what, bytes, expected] of UNREADABLE) {
  test(`${what} is a ${expected}`, async () => {
    const { status, headers, problem } = parseProblem(await exchange(gateway.url, bytes));
    assert.equal(status, expected);
    assert.equal(problem.status, expected);
    assert.equal(headers.get('x-request-id'), problem.request_id);
    assert.equal(headers.get('x-content-type-options'), 'nosniff');
    assert.equal(upstream.requests.length, 0);
  });
}

test('a hundred headers are not too many', async () => {
  const headers = 'X-Note: x\r\n'.repeat(98);
  const response = await exchange(gateway.url, `GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}\r\n`);
  assert.match(response, /^HTTP\/1\.1 200 /);
});

for (const method of ['TRACE', 'PATCH', 'OPTIONS', 'PROPFIND', 'CONNECT']) {
  test(`${method} below /api is a 405, and the service sees nothing`, async () => {
    const bytes = `${head.replace('POST', method)}Connection: close\r\n\r\n`;
    const { status, headers, problem } = parseProblem(await exchange(gateway.url, bytes));
    assert.equal(status, 405);
    assert.equal(headers.get('allow'), method === 'CONNECT' ? 'GET, HEAD, POST, PUT, DELETE' : 'POST, GET');
    assert.equal(problem.type, '/problems/method-not-allowed');
    assert.equal(upstream.requests.length, 0);
  });
}

for (const [path, allowed] of [
  ['/api/auth/login/', 'POST'],
  ['/api/chat/ws?x=/api/feed/', 'GET'],
  ['/api/feed/019cebcb-d984-7f90-82e4-023cf07ba567', 'GET, PUT, DELETE'],
] as const) {
  test(`the methods of ${path} are named by the contract`, async () => {
    const response = await exchange(gateway.url, `TRACE ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    assert.equal(parseProblem(response).headers.get('allow'), allowed);
  });
}

for (const [what, line] of [
  ['a body', 'Content-Length: 5'],
  ['a chunked body', 'Transfer-Encoding: chunked'],
  ['a second host', 'Host: y'],
] as const) {
  test(`an upgrade with ${what} is a 400, and the service sees nothing`, async () => {
    const asked = `${head.replace('POST /api/feed/', 'GET /api/chat/ws')}Connection: Upgrade\r\nUpgrade: websocket\r\n`;
    assert.equal(parseProblem(await exchange(gateway.url, `${asked}${line}\r\n\r\n`)).status, 400);
    assert.equal(upstream.requests.length, 0);
  });
}

test('what follows a good request on the same connection is judged for itself', async () => {
  const response = await exchange(gateway.url, 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\nBREW\r\n\r\n');
  assert.match(response, /^HTTP\/1\.1 200 .*\}HTTP\/1\.1 400 .*"type":"\/problems\/invalid-request"/s);
});

test('a response in flight is not mixed with that to what follows', async () => {
  const half = await startUpstream((_req, res) => void res.writeHead(200, { 'Content-Length': '10' }).write('12345'));
  const slow = await startGateway(half.url);
  const { hostname, port } = new URL(slow.url);
  const socket = connect(Number(port), hostname).on('error', () => {});
  let response = '';
  socket.on('data', (chunk) => {
    if (response === '') socket.write('GET /livez HTTP/1.1\r\nHost: x\r\n\r\nBREW\r\n\r\n');
    response += chunk;
  });
  socket.write(`${head.replace('POST', 'GET')}\r\n`);
  try {
    await once(socket, 'close');
    assert.match(response, /^HTTP\/1\.1 200 /);
    assert.doesNotMatch(response.slice(1), /HTTP\/1\.1/);
  } finally {
    await slow.stop();
    await half.close();
  }
});
