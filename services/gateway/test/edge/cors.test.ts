import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import request from 'supertest';
import { readGatewayConfig } from '../../src/config.ts';
import { aToken, SECRET, startGateway, startUpstream, type Upstream } from '../support.ts';

const APP = 'https://app.example.org';
const ADMIN = 'http://localhost:5173';

let upstream: Upstream;
let closed: Service;
let open: Service;
let bearer: { Authorization: string };

before(async () => {
  upstream = await startUpstream((_req, res) => res.writeHead(200, { Vary: 'Accept' }).end('{}'));
  closed = await startGateway(upstream.url);
  open = await startGateway(upstream.url, { CORS_ALLOWED_ORIGINS: `${APP}, ${ADMIN}` });
  bearer = { Authorization: `Bearer ${await aToken()}` };
});
after(async () => {
  await closed.stop();
  await open.stop();
  await upstream.close();
});

const preflight = (at: Service, origin: string) =>
  request(at.url).options('/api/feed/').set({ Origin: origin, 'Access-Control-Request-Method': 'POST' });

const corsHeaders = (headers: Record<string, unknown>) =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'));

test('by default no other origin is told anything', async () => {
  const refused = await preflight(closed, APP).expect(405);
  assert.deepEqual(corsHeaders(refused.headers), []);
  const read = await request(closed.url)
    .get('/api/feed/')
    .set({ ...bearer, Origin: APP });
  assert.deepEqual(corsHeaders(read.headers), []);
});

test('the gateway itself responds to the preflight of an allowed origin', async () => {
  const before = upstream.connections;
  for (const origin of [APP, ADMIN]) {
    const { headers } = await preflight(open, origin).expect(204);
    assert.equal(headers['access-control-allow-origin'], origin);
    assert.equal(headers['access-control-allow-credentials'], 'true');
    assert.match(String(headers['access-control-allow-methods']), /PUT/);
    assert.match(String(headers['access-control-allow-headers']), /Authorization/);
    assert.match(String(headers.vary), /Origin/);
  }
  assert.equal(upstream.connections, before);
});

test('an allowed origin may read responses, forwarded ones and refusals alike', async () => {
  for (const headers of [bearer, {}]) {
    const response = await request(open.url)
      .get('/api/feed/')
      .set({ ...headers, Origin: APP });
    assert.equal(response.headers['access-control-allow-origin'], APP);
    const exposed = String(response.headers['access-control-expose-headers']).split(',');
    for (const name of ['Authorization', 'X-Request-Id', 'Retry-After', 'RateLimit', 'RateLimit-Policy']) {
      assert.ok(exposed.includes(name), name);
    }
  }
});

test('the Vary of a service is kept', async () => {
  const { headers } = await request(open.url)
    .get('/api/feed/')
    .set({ ...bearer, Origin: APP });
  assert.equal(headers.vary, 'Origin, Accept');
});

for (const origin of ['https://evil.example', `${APP}.evil.example`, 'http://app.example.org', `${APP}:8443`, 'null']) {
  test(`${origin} is not allowed along`, async () => {
    const asked = await preflight(open, origin);
    assert.equal(asked.headers['access-control-allow-origin'], undefined);
    const { headers } = await request(open.url)
      .get('/api/feed/')
      .set({ ...bearer, Origin: origin });
    assert.equal(headers['access-control-allow-origin'], undefined);
  });
}

test('what is no origin is refused at the start', () => {
  const env = (value: string) => ({ JWT_SECRET: SECRET, CORS_ALLOWED_ORIGINS: value });
  for (const value of ['*', 'null', 'app.example.org', `${APP}/`, `${APP},*`, 'file:///tmp']) {
    assert.throws(() => readGatewayConfig(env(value)), /CORS_ALLOWED_ORIGINS: must be origins/, value);
  }
  assert.deepEqual(readGatewayConfig(env('')).allowedOrigins, []);
});
