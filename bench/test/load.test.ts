import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import { readOptions } from '../src/options.ts';
import { probeDuring } from '../src/prober.ts';
import { uploadSlowly } from '../src/slow-uploads.ts';
import { findTools } from '../src/tools.ts';
import { expectResponse, runWrk, toSample } from '../src/wrk.ts';

const tools = findTools();
const servers: Server[] = [];
after(() => servers.forEach((server) => void server.close()));

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('what wrk counts as errors does not count as a success', () => {
  const output = `Running 1s test\n{"requests":100,"seconds":2,"p50Ms":1.5,"p99Ms":3,"connect":0,"read":1,"write":0,"status":20,"timeout":0}`;
  assert.deepEqual(toSample(output), { rate: 40, p50Ms: 1.5, p99Ms: 3, errors: 21, error: 'read 1, status 20' });
});

test('no response at all is an error', () => {
  const output = `\n{"requests":0,"seconds":1,"p50Ms":0,"p99Ms":0,"connect":0,"read":0,"write":0,"status":0,"timeout":0}`;
  assert.equal(toSample(output).errors, 1);
});

test('wrk sends the body that it is told, and sees refusals', { skip: 'missing' in tools && 'no wrk' }, async () => {
  if ('missing' in tools) return;
  const lengths = new Set<string | undefined>();
  const url = await serve((req, res) => {
    lengths.add(req.headers['content-length']);
    res.writeHead(req.headers.authorization === 'yes' ? 200 : 401).end();
  });
  const load = { url, connections: 2, seconds: 1, bodyBytes: 1_024 };
  const refused = await runWrk(tools.wrk, load);
  const taken = await runWrk(tools.wrk, { ...load, headers: { Authorization: 'yes' } });
  assert.deepEqual([...lengths], ['1024']);
  assert.ok(refused.errors > 0 && refused.rate === 0, JSON.stringify(refused));
  assert.ok(taken.errors === 0 && taken.rate > 0, JSON.stringify(taken));
});

test('a response that is not the one expected stops before anything is measured', async () => {
  const url = await serve((_req, res) => res.writeHead(200).end('four'));
  await expectResponse(url, {}, { status: 200, bytes: 4 });
  await assert.rejects(expectResponse(url, {}, { status: 200, bytes: 5 }), /200 with 4 bytes/);
  await assert.rejects(expectResponse(url, {}, { status: 202 }), /: 200/);
});

test('probes go on while others are slow, and count what fails', async () => {
  const url = await serve((req, res) => res.writeHead(req.url === '/livez' ? 200 : 503).end());
  const work = new Promise((resolve) => setTimeout(resolve, 200));
  const [well, badly] = await Promise.all([probeDuring(`${url}/livez`, () => work), probeDuring(url, () => work)]);
  assert.ok(well.probes.p99Ms > 0 && well.probes.failed === 0, JSON.stringify(well.probes));
  assert.ok(badly.probes.failed > 1);
});

test('slow uploads are all in flight at once, and arrive whole', async () => {
  let atOnce = 0;
  let most = 0;
  const sizes: number[] = [];
  const url = await serve((req, res) => {
    let size = 0;
    atOnce += 1;
    most = Math.max(most, atOnce);
    req.on('data', (chunk: Buffer) => {
      size += chunk.length;
    });
    req.on('end', () => {
      atOnce -= 1;
      sizes.push(size);
      res.writeHead(sizes.length === 1 ? 500 : 200).end();
    });
  });
  const taken = await uploadSlowly({ url, headers: {}, count: 5, bytes: 64_000, seconds: 0.2 });
  assert.equal(most, 5);
  assert.deepEqual(sizes, Array(5).fill(64_000));
  assert.equal(taken, 4);
});

test('options are read, and mistakes say what is taken', () => {
  assert.deepEqual(readOptions(['--only=login,gateway', '--rounds=7']).only, ['gateway', 'login']);
  assert.equal(readOptions(['--rounds=7']).rounds, 7);
  assert.throws(() => readOptions(['--only=logins']), /ONLY names logins: it takes some of gateway,/);
  assert.throws(() => readOptions(['--rounds=0']), /ROUNDS is "0"/);
});
