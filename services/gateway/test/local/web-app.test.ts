import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Service } from '@wave-connect/chassis/service';
import { temporaryFolder } from '@wave-connect/dev-env/machine';
import request from 'supertest';
import { exchange, startGateway, startUpstream, type Upstream } from '../support.ts';

const INDEX = '<!doctype html><title>The web app</title>';
const SCRIPT = 'console.info("the script")';

let folder: string;
let upstream: Upstream;
let gateway: Service;

before(async () => {
  folder = await temporaryFolder();
  await mkdir(join(folder, 'assets'));
  await writeFile(join(folder, 'index.html'), INDEX);
  await writeFile(join(folder, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  await writeFile(join(folder, 'assets', 'index-1a2b3c.js'), SCRIPT);
  await writeFile(join(folder, 'assets', 'index-1a2b3c.js.gz'), gzipSync(SCRIPT));
  await writeFile(join(folder, '.routes.json'), JSON.stringify(['/', '/settings', '/people/:username']));
  upstream = await startUpstream();
  gateway = await startGateway(upstream.url, {}, { webApp: folder });
});
after(async () => {
  await gateway.stop();
  await upstream.close();
  await rm(folder, { recursive: true });
});

for (const path of ['/', '/settings', '/people/ada', '/people/ada?from=mail']) {
  test(`${path} is the web app, revalidated each time`, async () => {
    const { text, headers } = await request(gateway.url).get(path).expect(200);
    assert.equal(text, INDEX);
    assert.match(String(headers['content-type']), /^text\/html/);
    assert.equal(headers['cache-control'], 'no-cache');
    const again = await request(gateway.url).get(path).set('If-None-Match', String(headers.etag)).expect(304);
    assert.equal(again.headers['content-security-policy'], headers['content-security-policy']);
  });
}

test('its policy allows nothing inline, nothing from elsewhere, and no text that becomes markup', async () => {
  const { headers } = await request(gateway.url).get('/');
  const policy = String(headers['content-security-policy']);
  assert.doesNotMatch(policy, /unsafe|data:|https?:|\*/);
  for (const part of [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "require-trusted-types-for 'script'",
  ]) {
    assert.ok(policy.split('; ').includes(part), part);
  }
  assert.equal(headers['x-content-type-options'], 'nosniff');
});

test('what has its content in its name may be kept for ever, and comes compressed', async () => {
  const { headers, text } = await request(gateway.url)
    .get('/assets/index-1a2b3c.js')
    .set('Accept-Encoding', 'gzip')
    .expect(200);
  assert.equal(headers['cache-control'], 'public, max-age=31536000, immutable');
  assert.equal(headers['content-encoding'], 'gzip');
  assert.match(String(headers.vary), /Accept-Encoding/);
  assert.equal(text, SCRIPT);
  const { headers: plain } = await request(gateway.url).get('/icon.svg').expect(200);
  assert.equal(plain['cache-control'], 'no-cache');
});

test('a file of an earlier build is not there, and neither is the web app in its place', async () => {
  const { body } = await request(gateway.url).get('/assets/index-0.js').expect(404);
  assert.equal(body.type, '/problems/not-found');
});

test('no file outside of the web app is served, and none that is hidden', async () => {
  for (const path of [
    '/.routes.json',
    '/index.html',
    '/../package.json',
    '/%2e%2e/package.json',
    '/assets/..%2f..%2fpackage.json',
  ]) {
    const response = await exchange(gateway.url, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    assert.match(response, /^HTTP\/1.1 40[04] /, path);
  }
});

test('the web app takes no path from the API, the probes or the contract', async () => {
  await request(gateway.url).get('/livez').expect(200);
  assert.match(String((await request(gateway.url).get('/docs')).text), /swagger/i);
  await request(gateway.url).get('/openapi.yaml').expect('Content-Type', /yaml/);
  const { headers } = await request(gateway.url).get('/api/feed/');
  assert.match(String(headers['content-type']), /problem\+json/);
});

test('it is read, and nothing else', async () => {
  await request(gateway.url).head('/settings').expect(200);
  for (const method of ['post', 'options', 'delete'] as const) {
    await request(gateway.url)[method]('/settings').expect(405).expect('Allow', 'GET, HEAD');
  }
  await request(gateway.url).options('/api/feed/').expect(405).expect('Allow', 'POST, GET');
  await request(gateway.url).post('/assets/index-1a2b3c.js').expect(404);
});

test('it counts against no rate limit', async () => {
  const limits = { RATE_LIMIT: 'on', RATE_LIMIT_ADDRESS_PER_MINUTE: '1' };
  const limited = await startGateway(upstream.url, limits, { webApp: folder });
  try {
    for (let times = 0; times < 5; times += 1) await request(limited.url).get('/').expect(200);
    await request(limited.url).get('/nowhere').expect(404);
    await request(limited.url).get('/nowhere').expect(429);
  } finally {
    await limited.stop();
  }
});

test('without a build there is no web app, and the API is as ever', async () => {
  const bare = await startGateway(upstream.url, {}, { webApp: join(folder, 'gone') });
  try {
    await request(bare.url).get('/').expect(404);
    await request(bare.url).get('/docs').expect(200);
  } finally {
    await bare.stop();
  }
});
