import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { after, before, beforeEach, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import { waitFor } from '@wave-connect/dev-env/waiting';
import {
  aToken,
  exchange,
  MIB,
  PIECE,
  SOON,
  startGateway,
  startUpstream,
  type Upstream,
  untilSteady,
} from '../support.ts';

let upstream: Upstream;
let gateway: Service;
let authorization: string;
let respond: (req: IncomingMessage, res: ServerResponse) => void;

before(async () => {
  upstream = await startUpstream((req, res) => respond(req, res));
  gateway = await startGateway(upstream.url);
  authorization = `Authorization: Bearer ${await aToken()}`;
});
after(async () => {
  await gateway.stop();
  await upstream.close();
});
beforeEach(() => {
  upstream.requests.length = 0;
});

const head = (method: string, more: string[] = ['Connection: close']) =>
  `${[`${method} /api/feed/ HTTP/1.1`, 'Host: x', authorization, ...more].join('\r\n')}\r\n\r\n`;

function open() {
  const { hostname, port } = new URL(gateway.url);
  return connect(Number(port), hostname).on('error', () => {});
}

test('backpressure: a service waits for a client that does not read, and the gateway buffers nothing for it', async () => {
  const whole = 200;
  let sent = 0;
  respond = async (_req, res) => {
    res.writeHead(200, { 'Content-Length': whole * MIB });
    for (; sent < whole; sent += 1) if (!res.write(PIECE)) await once(res, 'drain');
    res.end();
  };
  const client = open();
  client.write(head('GET'));
  await once(client, 'readable');
  assert.ok((await untilSteady('the service to wait', () => sent)) < whole / 2, `${sent} MiB`);

  let received = 0;
  client.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  await once(client, 'close');
  assert.ok(received > whole * MIB);
});

test('a client that stops reading is disconnected, and the service is free again', async () => {
  const impatient = await startGateway(upstream.url, { UPSTREAM_TIMEOUT_MS: '300' });
  try {
    respond = (_req, res) => void res.writeHead(200).write(Buffer.alloc(100 * MIB));
    const { hostname, port } = new URL(impatient.url);
    const client = connect(Number(port), hostname).on('error', () => {});
    client.write(head('GET'));
    await once(client, 'readable');
    await waitFor('the service to be free', () => upstream.requests[0]?.socket.destroyed === true, SOON);
    client.destroy();
  } finally {
    await impatient.stop();
  }
});

test('a response that breaks off is aborted, and never looks whole', async () => {
  for (const framing of [{ 'Content-Length': '10' }, {}]) {
    respond = (_req, res) => {
      res.writeHead(200, framing).write('12345', () => res.socket?.destroy());
    };
    const seen = await exchange(gateway.url, head('GET'));
    assert.match(seen, /^HTTP\/1\.1 200 /);
    assert.doesNotMatch(seen, /\r\n0\r\n\r\n$/);
  }
});

test('a response before the end of an upload reaches a client that is still sending', async () => {
  respond = (_req, res) => void res.writeHead(413, { 'Content-Type': 'text/plain' }).end('enough');
  const client = open();
  client.write(`${head('POST', [`Content-Length: ${MIB}`])}begun`);
  let seen = '';
  client.on('data', (chunk) => {
    seen += chunk;
  });
  await once(client, 'close');
  assert.match(seen, /^HTTP\/1\.1 413 .*connection: close.*enough/s);
});

for (const [method, status] of [
  ['HEAD', 200],
  ['GET', 204],
  ['GET', 304],
] as const) {
  test(`${method} that is a ${status} has no body, and the connection goes on`, async () => {
    respond = (_req, res) => {
      if (method === 'HEAD') res.setHeader('Content-Length', '5');
      res.writeHead(status, { ETag: '"a"' }).end();
    };
    const seen = await exchange(gateway.url, head(method, []) + head(method));
    assert.equal(seen.match(new RegExp(`HTTP/1\\.1 ${status} `, 'g'))?.length, 2);
    assert.match(seen, /\r\n\r\nHTTP\/1\.1 .*\r\n\r\n$/s);
    if (method === 'HEAD') assert.match(seen, /content-length: 5\r\n/i);
  });
}

test('bodies of all lengths arrive as they were sent, both ways', async () => {
  respond = async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    // Announced, in pieces, and neither.
    if (body.length % 2 === 0) res.setHeader('Content-Length', body.length);
    res.write(body.subarray(0, body.length / 2));
    res.end(body.subarray(body.length / 2));
  };
  const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
  for (const length of [0, 1, 300, 16_384, 16_385, 100_000, MIB]) {
    const body = Buffer.alloc(length, all);
    const response = await fetch(`${gateway.url}/api/feed/`, {
      method: 'POST',
      headers: { Authorization: authorization.slice('Authorization: '.length) },
      body,
    });
    assert.ok(Buffer.from(await response.arrayBuffer()).equals(body), `${length} bytes`);
  }
});

test('what concerns one connection alone ends with it, on both sides', async () => {
  respond = (_req, res) => {
    res.writeHead(200, { Connection: 'close, X-Hop', 'X-Hop': '1', Trailer: 'X-Sum', 'Proxy-Authenticate': 'x' });
    res.write('{}');
    res.addTrailers({ 'X-Sum': '1' });
    res.end();
  };
  const hops = ['Connection: close, X-Hop', 'X-Hop: 1', 'TE: trailers', 'Proxy-Authorization: x', 'Keep-Alive: 1'];
  const seen = await exchange(gateway.url, head('GET', hops));
  assert.doesNotMatch(seen, /x-hop|trailer|x-sum|proxy-authenticate/i);
  const { headers } = upstream.requests[0] as IncomingMessage;
  assert.equal(headers.connection, 'keep-alive');
  for (const name of ['x-hop', 'te', 'proxy-authorization', 'keep-alive']) assert.equal(headers[name], undefined, name);
});
