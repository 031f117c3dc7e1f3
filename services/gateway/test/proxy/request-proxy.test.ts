import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, test } from 'node:test';
import { createCircuitBreaker } from '@wave-connect/chassis/circuit-breaker';
import { readGatewayConfig } from '../../src/config.ts';
import { createRequestProxy, type RequestProxy } from '../../src/proxy/request-proxy.ts';
import { MIB, PIECE, SECRET, startUpstream, type Upstream, untilSteady } from '../support.ts';

let upstream: Upstream;
let proxy: RequestProxy;
/** In the gateway's place, without its limits. */
let front: Upstream;
let respond: (req: IncomingMessage, res: ServerResponse) => void;
let rewrite: (req: IncomingMessage) => void;
let outcome: Promise<unknown>;

beforeEach(async () => {
  upstream = await startUpstream((req, res) => respond(req, res));
  const config = readGatewayConfig({ JWT_SECRET: SECRET });
  proxy = createRequestProxy('feed', upstream.url, config, createCircuitBreaker(config.upstream.circuitBreaker));
  rewrite = () => {};
  front = await startUpstream((req, res) => {
    rewrite(req);
    outcome = proxy.forward(req, res, []).catch((error) => {
      res.end();
      return error;
    });
  });
});
afterEach(async () => {
  await Promise.all([front.close(), upstream.close()]);
  await proxy.close();
});

const send = (method: string, length: number) => request(front.url, { method, headers: { 'Content-Length': length } });

test('backpressure: a client waits for a service that does not read, and the proxy buffers nothing for it', async () => {
  const whole = 200;
  let sent = 0;
  let received = 0;
  respond = () => {};
  const client = send('POST', whole * MIB);
  const sending = (async () => {
    for (; sent < whole; sent += 1) if (!client.write(PIECE)) await once(client, 'drain');
    client.end();
  })();
  assert.ok((await untilSteady('the client to wait', () => sent)) < whole / 2, `${sent} MiB`);

  const [req] = upstream.requests;
  req?.on('data', (chunk: Buffer) => {
    received += chunk.length;
  });
  req?.once('end', () => (req as IncomingMessage).socket.end('HTTP/1.1 204 No Content\r\n\r\n'));
  const [response] = await once(client, 'response');
  await sending;
  assert.equal(response.statusCode, 204);
  assert.equal(received, whole * MIB);
});

test('a request that undici refuses is the fault of the client, not of the service', async () => {
  rewrite = (req) => {
    req.url = '/api/\u0100';
  };
  const client = send('GET', 0).end();
  const [response] = await once(client, 'response');
  response.resume();
  assert.equal(((await outcome) as { problem: { status: number } }).problem.status, 400);
  assert.equal(upstream.requests.length, 0);
});
