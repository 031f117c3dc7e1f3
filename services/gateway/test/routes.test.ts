import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Agent, type IncomingMessage, request } from 'node:http';
import { after, before, test } from 'node:test';
import { readContract } from '@wave-connect/chassis/http/app';
import type { Service } from '@wave-connect/chassis/service';
import { type Operation, operationsOf } from '@wave-connect/contracts/openapi.ts';
import express from 'express';
import { aToken, startGateway, startUpstream, type Upstream } from './support.ts';

const SIGN_IN = ['register', 'login', 'changePassword'];
const operations = operationsOf(readContract()).filter(({ service }) => service !== 'gateway');
/** What the service took the latest request for. */
let served: string | undefined;
/** Of its responses. */
let cacheControl: string | undefined;
let upstream: Upstream;
let gateway: Service;
let headers: Record<string, string>;
const agent = new Agent({ keepAlive: true, maxSockets: 4 });

before(async () => {
  upstream = await startUpstream(createLaxService());
  gateway = await startGateway(upstream.url, {
    RATE_LIMIT: 'on',
    RATE_LIMIT_PER_MINUTE: '1000000',
    RATE_LIMIT_ADDRESS_PER_MINUTE: '1000000',
    RATE_LIMIT_SIGN_IN_PER_MINUTE: '1000000',
  });
  headers = { Authorization: `Bearer ${await aToken()}` };
});
after(async () => {
  agent.destroy();
  await gateway.stop();
  await upstream.close();
});

/** Express with its defaults: it matches without case, and takes a trailing slash or leaves it. */
function createLaxService() {
  const app = express();
  const sortKey = ({ path }: Operation) => path.replaceAll(/\{\w+\}/g, '~');
  for (const operation of operations.toSorted((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))) {
    app[operation.method](operation.path.replaceAll(/\{(\w+)\}/g, ':$1'), (_req, res) => {
      served = operation.id;
      if (cacheControl) res.set('Cache-Control', cacheControl);
      res.json({});
    });
  }
  return app;
}

async function ask(method: string, path: string) {
  served = undefined;
  const before = upstream.requests.length;
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const { hostname, port } = new URL(gateway.url);
    request({ hostname, port, method, path, headers, agent }, resolve).on('error', reject).end();
  });
  response.resume();
  const [, policy] = /^"([\w-]+)"/.exec(String(response.headers['ratelimit-policy'])) ?? [];
  return { status: response.statusCode, policy, reached: upstream.requests.length > before, headers: response.headers };
}

function policyOf(id: string): string {
  if (SIGN_IN.includes(id)) return 'sign-in';
  return operations.some((operation) => operation.id === id && operation.isPublic) ? 'address' : 'account';
}
const pathOf = ({ path }: Operation) => path.replaceAll(/\{\w+\}/g, () => randomUUID());

/** Spellings of a path that one router or another takes for the path itself. */
function spellingsOf(path: string): string[] {
  const bare = path.replace(/\/$/, '');
  const segments = bare.split('/').slice(1);
  const encoded = (text: string) => `%${text.charCodeAt(0).toString(16)}${text.slice(1)}`;
  const eachSegment = (change: (segment: string) => string) =>
    segments.map(
      (_, at) => `/${segments.map((segment, index) => (index === at ? change(segment) : segment)).join('/')}`,
    );
  return [
    bare.toUpperCase(),
    ...eachSegment((segment) => segment.toUpperCase()),
    ...eachSegment((segment) => segment.charAt(0).toUpperCase() + segment.slice(1)),
    ...eachSegment(encoded),
    ...eachSegment((segment) => encoded(segment).toUpperCase()),
    ...eachSegment((segment) => `/${segment}`),
    ...eachSegment((segment) => `./${segment}`),
    ...eachSegment((segment) => `%2e/${segment}`),
    ...eachSegment((segment) => `x/../${segment}`),
    ...eachSegment((segment) => `${segment};a=b`),
    ...eachSegment((segment) => `${segment}%20`),
    ...eachSegment((segment) => `${segment}%00`),
    ...eachSegment((segment) => `${segment}.`),
    ...eachSegment((segment) => `${segment}#`),
    ...['//', '/.', '/..', '/%2e', '/;', '%2f', '%2F', '\\', '.json', '#', '#/x', '%3f', '%23', '/%20', '+'].map(
      (end) => bare + end,
    ),
    ...['%2f', '%2F', '\\', '%5c', '//'].map((slash) => `/${segments.join(slash)}`),
    `/${bare}`,
    `/.${bare}`,
    `/api/..${bare}`,
    `${gateway.url}${bare}`,
    `//${new URL(gateway.url).host}${bare}`,
  ];
}

for (const operation of operations) {
  const method = operation.method.toUpperCase();
  test(`${method} ${operation.path} is counted as ${operation.id} or is 404, in whatever spelling`, async () => {
    const path = pathOf(operation);
    for (const same of [path, path.replace(/\/?$/, '/'), path.replace(/\/$/, ''), `${path}?limit=1`]) {
      const { reached, policy } = await ask(method, same);
      assert.deepEqual(
        { reached, served, policy },
        { reached: true, served: operation.id, policy: policyOf(operation.id) },
      );
    }
    for (const spelling of spellingsOf(path)) {
      const { status, reached, policy } = await ask(method, spelling);
      if (reached && served) assert.equal(policy, policyOf(served), `${method} ${spelling} is served as ${served}`);
      else {
        assert.ok(status === 404 || status === 405, `${spelling}: ${status}`);
        assert.deepEqual({ reached, policy }, { reached: false, policy: 'address' }, spelling);
      }
    }
  });
}

for (const operation of operations) {
  test(`no cache keeps the response of ${operation.id} by default`, async () => {
    const method = operation.method.toUpperCase();
    const response = await ask(method, pathOf(operation));
    assert.equal(response.headers['cache-control'], 'no-store');
    const refused = await ask('PATCH', pathOf(operation));
    assert.equal(refused.headers['cache-control'], 'no-store');
  });
}

test('a service that keeps to the contract says by itself how its response is cached', async () => {
  cacheControl = 'private, no-cache';
  const response = await ask('GET', `/api/profile/avatar/${randomUUID()}`);
  assert.equal(response.headers['cache-control'], cacheControl);
});

test('what is no route is 404 or 405 without a token, before it reaches a service', async () => {
  headers = {};
  for (const [method, path, status, allow] of [
    ['GET', '/api/feed/no/such/path', 404, undefined],
    ['GET', '/api/feedback', 404, undefined],
    ['POST', '/api/auth/register/more', 404, undefined],
    ['POST', '/api/auth/login%2f', 404, undefined],
    ['GET', '/api/auth/login', 405, 'POST'],
    ['POST', '/api/auth/id/', 405, 'GET'],
    ['HEAD', '/api/feed/', 401, undefined],
    ['HEAD', '/api/profile/', 405, 'POST, PUT, DELETE'],
    ['PUT', '/api/chat/ws', 405, 'GET'],
    ['GET', '/api/auth/logout', 405, 'POST'],
    ['GET', '/api/feed/', 401, undefined],
  ] as const) {
    const response = await ask(method, path);
    assert.equal(response.status, status, `${method} ${path}`);
    assert.equal(response.headers.allow, allow, `${method} ${path}`);
    assert.equal(response.reached, false);
    assert.equal(response.policy, 'address');
  }
});
