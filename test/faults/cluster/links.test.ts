import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '@wave-connect/dev-env/machine';
import { createLink, type Link, startToxiproxy, type Toxiproxy, toxiproxyUnavailable } from './links.ts';

const LATENCY_MS = 300;
/** Far longer than a healthy link takes. */
const SILENCE_MS = 500;

const skip = process.env.CI === 'true' ? false : ((await toxiproxyUnavailable()) ?? false);

let toxiproxy: Toxiproxy;
let link: Link;
let port: number;
const echo = createServer((socket) => socket.pipe(socket));

before(async () => {
  if (skip) return;
  toxiproxy = await startToxiproxy(() => {});
  echo.listen(0, '127.0.0.1');
  await once(echo, 'listening');
  port = await freePort();
  link = await createLink(toxiproxy, {
    name: 'test → echo',
    port,
    upstreamPort: (echo.address() as AddressInfo).port,
  });
});
after(async () => {
  echo.close();
  await toxiproxy?.stop();
});

async function open(): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  return socket;
}

/** The time until an echo, in ms; undefined where there is none. */
async function echoTime(socket: Socket): Promise<number | undefined> {
  const begin = performance.now();
  socket.write('hello');
  const heard = await Promise.race([once(socket, 'data'), sleep(SILENCE_MS)]);
  return heard === undefined ? undefined : performance.now() - begin;
}

test('a slow link is late, and in time again once healed', { skip }, async () => {
  const socket = await open();
  await link.slow(LATENCY_MS, 0);
  assert.ok(((await echoTime(socket)) ?? 0) >= LATENCY_MS);
  await link.heal();
  assert.ok(((await echoTime(socket)) ?? LATENCY_MS) < LATENCY_MS);
  socket.destroy();
});

test('a cut link breaks what is open and refuses the rest until it is healed', { skip }, async () => {
  const socket = await open();
  await echoTime(socket);
  const closed = once(socket, 'close');
  await link.cut();
  await closed;
  await assert.rejects(open(), { code: 'ECONNREFUSED' });
  await link.heal();
  const next = await open();
  assert.notEqual(await echoTime(next), undefined);
  next.destroy();
});

test('a hung link swallows bytes; its connections break once it is healed', { skip }, async () => {
  const socket = await open();
  await echoTime(socket);
  await link.hang();
  assert.equal(await echoTime(socket), undefined);
  assert.equal(socket.destroyed, false);
  assert.equal(await echoTime(await open()), undefined);
  const closed = once(socket, 'close');
  await link.heal();
  await closed;
  const next = await open();
  assert.notEqual(await echoTime(next), undefined);
  next.destroy();
});
