import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { after, before, describe, test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { OverloadedError } from '../src/errors.ts';
import { bareApp } from '../src/http/app.ts';
import { healthRouter } from '../src/http/health-router.ts';
import { createShedding, type Shedding } from '../src/http/shedding.ts';
import { Health } from '../src/observability/health.ts';
import { createLogger } from '../src/observability/log.ts';
import { Metrics } from '../src/observability/metrics.ts';

const SOON = { deadlineMs: 20_000 };
const EVENT_LOOP_DELAY_MS = 200;

let server: Server;
let url: string;
let shedding: Shedding;
let poolIsBusy = false;
const metrics = new Metrics('test');
const lines: { level: string; msg: string }[] = [];
/** Responses to requests that are held back until they are called. */
const held: (() => void)[] = [];

before(async () => {
  const log = createLogger('test', 'info', collect());
  const limits = { requestsInFlight: 2, eventLoopDelayMs: EVENT_LOOP_DELAY_MS };
  shedding = createShedding(limits, { log, metrics, poolIsBusy: () => poolIsBusy });
  const app = bareApp().use(healthRouter(new Health(log)), shedding.limit);
  app.get('/held', (_req, res) => void held.push(() => res.end()));
  app.get('/', (_req, res) => void res.end());
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await shedding.part.start?.();
});
after(async () => {
  await shedding.part.stop?.(0);
  server.close();
});

function collect(): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
}

const status = async (path = '/') => (await fetch(`${url}${path}`)).status;

async function shed(reason: string): Promise<number> {
  const text = await metrics.registry.getSingleMetricAsString('requests_shed_total');
  return Number(new RegExp(`reason="${reason}".*} (\\d+)`).exec(text)?.[1] ?? 0);
}

describe('requests in flight', () => {
  test('beyond the limit are refused with a problem that says when to come back', async () => {
    const taken = [status('/held'), status('/held')];
    await waitFor('both to be held', () => held.length === 2, SOON);
    const refused = await fetch(url);
    assert.equal(refused.status, 503);
    assert.match(refused.headers.get('retry-after') ?? '', /^\d+$/);
    assert.equal(refused.headers.get('content-type'), 'application/problem+json; charset=utf-8');
    const { type } = (await refused.json()) as { type: string };
    assert.equal(type, '/problems/unavailable');
    assert.equal(await shed('requests'), 1);
    assert.throws(() => shedding.assertRoom(), OverloadedError);

    for (const response of held.splice(0)) response();
    assert.deepEqual(await Promise.all(taken), [200, 200]);
    assert.equal(await status(), 200);
  });

  test('that clients break off make room', async () => {
    const controller = new AbortController();
    const broken = [1, 2].map(() => fetch(`${url}/held`, { signal: controller.signal }).catch(() => {}));
    await waitFor('both to be held', () => held.length === 2, SOON);
    controller.abort();
    await Promise.all(broken);
    await waitFor('room', async () => (await status()) === 200, SOON);
    held.length = 0;
  });

  test('never include probes', async () => {
    const taken = [status('/held'), status('/held')];
    await waitFor('both to be held', () => held.length === 2, SOON);
    assert.equal(await status('/livez'), 200);
    for (const response of held.splice(0)) response();
    await Promise.all(taken);
  });
});

test('a pool that too many wait for refuses requests until it is better', async () => {
  poolIsBusy = true;
  assert.equal(await status(), 503);
  assert.equal(await shed('pool'), 1);
  poolIsBusy = false;
  assert.equal(await status(), 200);
});

test('refusals are logged where they begin, not one by one', () => {
  assert.deepEqual(
    lines.filter(({ level }) => level === 'warn').map(({ msg }) => msg),
    ['overloaded: requests are refused'],
  );
});

test('an event loop whose turns are all long refuses requests until they are short again', async () => {
  let saturated = true;
  const work = (async () => {
    while (saturated) {
      block(EVENT_LOOP_DELAY_MS * 3);
      await nextTurn();
    }
  })();
  await waitFor('a refusal', async () => (await status()) === 503, SOON);
  assert.ok((await shed('event_loop')) > 0);
  saturated = false;
  await work;
  await waitFor('a response', async () => (await status()) === 200, SOON);
});

function block(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until);
}
