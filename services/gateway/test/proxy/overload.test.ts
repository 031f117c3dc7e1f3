import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, before, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { aToken, exchange, parseProblem, startGateway, startUpstream, type Upstream } from '../support.ts';

const SOON = { deadlineMs: 10_000 };
const SOCKETS = 2;
const QUEUED = 1;
/** One more than a single service may take. */
const LIMIT = SOCKETS + QUEUED + 1;

const CHAT = '/api/chat/conversation';

let upstream: Upstream;
let gateway: Service;
let headers: Record<string, string>;
/** Of feed's requests and one of chat's, which wait; all others get their response at once. */
const held: ServerResponse[] = [];

before(async () => {
  upstream = await startUpstream((req, res) => {
    if (req.url?.startsWith('/api/feed') || req.url === CHAT) held.push(res);
    else req.resume().once('end', () => res.end('{}'));
  });
  const limits = {
    UPSTREAM_MAX_SOCKETS: String(SOCKETS),
    UPSTREAM_MAX_QUEUED: String(QUEUED),
    MAX_REQUESTS_IN_FLIGHT: String(LIMIT),
  };
  gateway = await startGateway(upstream.url, limits);
  headers = { Authorization: `Bearer ${await aToken()}` };
});
after(async () => {
  await gateway.stop();
  await upstream.close();
});

const ask = (path: string) => fetch(`${gateway.url}${path}`, { headers });
const status = async (path: string) => (await ask(path)).status;

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${gateway.metricsUrl}/metrics`)).text();
  return Number(new RegExp(`^${name}{.*} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
}

test('a service that hangs takes up its concurrency limit, and no more', async () => {
  const waiting = Array.from({ length: SOCKETS + QUEUED }, () => status('/api/feed/'));
  await waitFor('all to wait', async () => (await metric('requests_in_flight')) === waiting.length, SOON);
  const refused = await ask('/api/feed/');
  assert.equal(refused.status, 503);
  assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
  assert.equal(await status('/api/profile/username/ada'), 200);

  const statuses: number[] = [];
  for (const each of waiting) void each.then((status) => statuses.push(status));
  const allResponded = () => {
    for (const res of held.splice(0)) res.end('{}');
    return statuses.length === waiting.length;
  };
  await waitFor('all responses', allResponded, SOON);
  assert.deepEqual([...new Set(statuses)], [200]);
  const again = status('/api/feed/');
  await waitFor('the request', () => held.length > 0, SOON);
  held.shift()?.end('{}');
  assert.equal(await again, 200);
});

test('beyond its own limit the gateway refuses requests and upgrades, and responds to probes', async () => {
  const leaving = new AbortController();
  fetch(`${gateway.url}${CHAT}`, { headers, signal: leaving.signal }).catch(() => {});
  const waiting = Array.from({ length: SOCKETS + QUEUED }, () => status('/api/feed/'));
  await waitFor('all to wait', async () => (await metric('requests_in_flight')) === LIMIT, SOON);

  assert.equal(await status('/api/profile/username/ada'), 503);
  assert.equal(await status('/livez'), 200);
  const upgrade = 'GET /api/chat/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  assert.equal(parseProblem(await exchange(gateway.url, upgrade)).status, 503);

  leaving.abort();
  await waitFor('an end of load shedding', async () => (await status('/api/profile/username/ada')) === 200, SOON);
  let responses = 0;
  void Promise.all(waiting).then(() => {
    responses = waiting.length;
  });
  await waitFor(
    'all responses',
    () => {
      for (const res of held.splice(0)) res.end('{}');
      return responses === waiting.length;
    },
    SOON,
  );
  assert.deepEqual(await Promise.all(waiting), [200, 200, 200]);
});
