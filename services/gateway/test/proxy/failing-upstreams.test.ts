import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import { repositoryRoot } from '@wave-connect/dev-env/machine';
import { startProcess } from '@wave-connect/dev-env/processes';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { aToken, startGateway, startUpstream, type Upstream } from '../support.ts';

const SOON = { deadlineMs: 10_000, everyMs: 5 };
const FAILURES = 3;
/** Longer than any test. */
const NEVER_MS = '600000';

const breakOff = (_req: IncomingMessage, res: ServerResponse) => void res.socket?.destroy();
const respondOk = (_req: IncomingMessage, res: ServerResponse) => void res.end('{}');

let feed: Upstream;
let others: Upstream;
let gateway: Service;
let headers: Record<string, string>;
let respond: (req: IncomingMessage, res: ServerResponse) => void;

beforeEach(async () => {
  respond = respondOk;
  feed = await startUpstream((req, res) => respond(req, res));
  others = await startUpstream();
  headers = { Authorization: `Bearer ${await aToken()}` };
});
afterEach(async () => {
  await gateway.stop();
  await Promise.all([feed.close(), others.close()]);
});

async function begin(env: Record<string, string> = {}): Promise<void> {
  const circuitBreaker = { UPSTREAM_CIRCUIT_FAILURES: String(FAILURES), UPSTREAM_CIRCUIT_PAUSE_MS: NEVER_MS };
  gateway = await startGateway(others.url, { FEED_SERVICE_URL: feed.url, ...circuitBreaker, ...env });
}

const ask = (method = 'POST', path = '/api/feed/') => fetch(`${gateway.url}${path}`, { method, headers });

async function failUntilOpen(): Promise<void> {
  respond = breakOff;
  for (let failed = 0; failed < FAILURES; failed += 1) assert.equal((await ask()).status, 502);
}

async function breakerOfFeed(): Promise<number> {
  const metrics = await (await fetch(`${gateway.metricsUrl}/metrics`)).text();
  return Number(/^upstream_circuit_open\{upstream="feed".*\} (\d)$/m.exec(metrics)?.[1]);
}

describe('the circuit breaker of a service', () => {
  test('opens after failures in a row: requests get 503 at once, while the others and the probes respond', async () => {
    await begin();
    await failUntilOpen();
    assert.equal(feed.requests.length, FAILURES);
    respond = respondOk;
    const connections = feed.connections;

    const refused = await ask('GET');
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get('content-type'), 'application/problem+json; charset=utf-8');
    assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
    assert.equal(feed.requests.length, FAILURES);
    assert.equal(feed.connections, connections);
    assert.equal(await breakerOfFeed(), 1);

    assert.equal((await ask('GET', '/api/profile/username/ada')).status, 200);
    assert.equal((await ask('GET', '/readyz')).status, 200);
  });

  test('is half-open after its time: one request is the trial, and closes it with its response', async () => {
    const pauseMs = 50;
    await begin({ UPSTREAM_CIRCUIT_PAUSE_MS: String(pauseMs) });
    await failUntilOpen();
    const held: ServerResponse[] = [];
    respond = (_req, res) => void held.push(res);
    const asked: Promise<Response>[] = [];
    const askOnce = () => asked.push(ask('GET')) > 0 && held.length > 0;
    await waitFor('the trial', askOnce, { ...SOON, everyMs: pauseMs });
    assert.equal((await ask('GET')).status, 503);
    assert.equal(held.length, 1);

    respond = respondOk;
    held[0]?.end('{}');
    const statuses = (await Promise.all(asked)).map(({ status }) => status);
    assert.deepEqual(
      statuses.filter((status) => status !== 503),
      [200],
    );
    assert.equal(await breakerOfFeed(), 0);
    assert.equal((await ask()).status, 200);
  });

  test('opens again where the trial fails', async () => {
    await begin({ UPSTREAM_CIRCUIT_PAUSE_MS: '50' });
    await failUntilOpen();
    const before = feed.requests.length;
    await waitFor('the trial', async () => (await ask()).status === 502, SOON);
    assert.equal(feed.requests.length, before + 1);
    assert.equal(await breakerOfFeed(), 1);
  });

  test('does not open for requests that clients abort', async () => {
    await begin();
    respond = () => {};
    for (let left = 0; left < FAILURES + 1; left += 1) {
      const leaving = new AbortController();
      const asked = fetch(`${gateway.url}/api/feed/`, { headers, signal: leaving.signal });
      await waitFor('the request', () => feed.requests.length === left + 1, SOON);
      leaving.abort();
      await assert.rejects(asked);
      await waitFor('the service to hear of it', () => feed.requests[left]?.socket.destroyed === true, SOON);
    }
    assert.equal(await breakerOfFeed(), 0);
  });
});

describe('a connection that breaks before the response', () => {
  test('has a request that only reads sent once more', async () => {
    await begin();
    respond = (req, res) => (feed.requests.length === 1 ? breakOff(req, res) : respondOk(req, res));
    assert.equal((await ask('GET')).status, 200);
    assert.equal(feed.requests.length, 2);
  });

  test('has it sent once more, and not for ever', async () => {
    await begin();
    respond = breakOff;
    assert.equal((await ask('GET')).status, 502);
    assert.equal(feed.requests.length, 2);
  });

  for (const [method, path] of [
    ['POST', '/api/feed/'],
    ['PUT', `/api/feed/${randomUUID()}`],
    ['DELETE', `/api/feed/${randomUUID()}`],
  ] as const) {
    test(`has no ${method} sent twice`, async () => {
      await begin();
      respond = breakOff;
      assert.equal((await ask(method, path)).status, 502);
      assert.equal(feed.requests.length, 1);
    });
  }
});

test('a service that is slow is a 504 at its limit, and requests to others do not wait for it', async () => {
  await begin({ UPSTREAM_TIMEOUT_MS: '1500' });
  respond = () => {};
  const order: string[] = [];
  const slow = ask('GET').then(({ status }) => order.push(`feed ${status}`));
  await waitFor('the request', () => feed.requests.length === 1, SOON);
  order.push(`profile ${(await ask('GET', '/api/profile/username/ada')).status}`);
  await slow;
  assert.deepEqual(order, ['profile 200', 'feed 504']);
});

test('a response that falls silent on the way is aborted at the limit', async () => {
  await begin({ UPSTREAM_TIMEOUT_MS: '100' });
  respond = (_req, res) => void res.writeHead(200, { 'Content-Length': '10' }).write('12345');
  const response = await ask('GET');
  assert.equal(response.status, 200);
  await assert.rejects(response.text());
});

test('a service that takes no connection is a 504 at the limit for that', async () => {
  let port = 0;
  const stuck = await startProcess({
    command: process.execPath,
    args: [
      '-e',
      `const s = require('net').createServer().listen({ port: 0, backlog: 1 }, () => console.log(s.address().port))`,
    ],
    env: {},
    cwd: repositoryRoot,
    onLine: (line) => {
      port = Number(line);
    },
  });
  await waitFor('its port', () => port > 0, SOON);
  stuck.pause();
  // As many as the kernel takes in its name.
  const taken = Array.from({ length: 8 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await waitFor('the first to be taken', () => taken.some(({ pending }) => !pending), SOON);
  await begin({ PROFILE_SERVICE_URL: `http://127.0.0.1:${port}`, UPSTREAM_CONNECT_TIMEOUT_MS: '100' });
  try {
    const response = await ask('POST', '/api/profile/');
    assert.equal(response.status, 504);
    assert.match(await response.text(), /gateway-timeout/);
  } finally {
    for (const socket of taken) socket.destroy();
    await stuck.kill();
  }
});
