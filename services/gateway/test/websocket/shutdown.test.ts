import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterEach, describe, test } from 'node:test';
import type { Service } from '@wave-connect/chassis/service';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { aToken, exchange, parseProblem, startGateway, startUpstream } from '../support.ts';
import { aCloseFrame, aFrame, CLOSE, codeOf, TEXT } from './frames.ts';
import { type ChatOptions, type ChatStub, openSocket, startChat } from './web-sockets.ts';

const SOON = { deadlineMs: 10_000, everyMs: 5 };

describe('WebSockets of a gateway that stops', () => {
  let chat: ChatStub;
  let gateway: Service;

  async function start({ env = {}, ...options }: ChatOptions & { env?: Record<string, string> } = {}): Promise<void> {
    chat = await startChat(options);
    gateway = await startGateway(chat.url, env);
  }
  afterEach(async () => {
    await gateway.stop();
    await chat.stop();
  });

  test('are closed with 1001 by the chat, to which the gateway ends its half of the connection', async () => {
    await start();
    const client = await openSocket(gateway.url);
    const service = await chat.opened(1);
    const stopped = gateway.stop();
    const close = await client.closeFrame();
    assert.equal(codeOf(close), 1001);
    client.socket.write(aFrame(close.payload, { opcode: CLOSE, masked: true }));
    await Promise.all([stopped, client.closed, service.closed]);
    assert.deepEqual(gateway.notStopped, []);
    assert.equal(client.frames().frames.length, 1);
    assert.equal(client.frames().rest.length, 0);
  });

  test('bring what the chat has sent before its close, the whole of a frame that is in flight included', async () => {
    const payload = randomBytes(64 * 1024);
    const frame = aFrame(payload);
    const last = aFrame(Buffer.from('sent before the close'));
    await start({ lastFrames: Buffer.concat([frame.subarray(30_000), last]) });
    const client = await openSocket(gateway.url);
    const service = await chat.opened(1);
    service.socket.write(frame.subarray(0, 30_000));
    await waitFor('the first piece', () => client.frames().rest.length === 30_000, SOON);

    const stopped = gateway.stop();
    const close = await client.closeFrame();
    client.socket.end(aFrame(close.payload, { opcode: CLOSE, masked: true }));
    await Promise.all([stopped, client.closed, service.closed]);
    const { frames, rest } = client.frames();
    assert.deepEqual(
      frames.map(({ opcode }) => opcode),
      [TEXT, TEXT, CLOSE],
    );
    assert.ok(frames[0]?.payload.equals(payload));
    assert.equal(codeOf(close), 1001);
    assert.equal(rest.length, 0);
  });

  test('bring the chat whole frames of the client, and nothing that it sends later', async () => {
    await start({ mute: true });
    const client = await openSocket(gateway.url);
    const service = await chat.opened(1);
    client.socket.write(aFrame(Buffer.from('in time'), { masked: true }));
    await waitFor('the frame', () => service.frames().frames.length === 1, SOON);
    const stopped = gateway.stop();
    await service.ended;
    client.socket.write(aFrame(Buffer.from('too late'), { masked: true }));
    service.socket.end(aCloseFrame(1001));
    await client.closeFrame();
    client.socket.end();
    await Promise.all([stopped, client.closed, service.closed]);
    assert.deepEqual(
      service.frames().frames.map(({ payload }) => String(payload)),
      ['in time'],
    );
  });

  test('whose client does not close, or whose chat is stuck within a frame, are disconnected in time', async () => {
    await start({ mute: true, env: { WS_CLOSE_TIMEOUT_MS: '200' } });
    const [silent, waiting] = [await openSocket(gateway.url, { mute: true }), await openSocket(gateway.url)];
    const [closing, stuck] = [await chat.opened(1), await chat.opened(2)];
    void closing.ended.then(() => closing.socket.end(aCloseFrame(1001)));
    stuck.socket.write(aFrame(randomBytes(1_000)).subarray(0, 500));
    await waitFor('half a frame', () => waiting.frames().rest.length === 500, SOON);
    const begin = performance.now();
    await gateway.stop();
    assert.ok(performance.now() - begin < 5_000);
    for (const { socket } of [silent, ...chat.ends]) socket.end();
    await Promise.all([silent.closed, waiting.closed, ...chat.ends.map(({ closed }) => closed)]);
    assert.equal(codeOf(await silent.closeFrame()), 1001);
    assert.deepEqual(waiting.frames().frames, []);
    assert.deepEqual(gateway.notStopped, []);
  });

  test('that the chat closes itself are told nothing else', async () => {
    await start({ mute: true });
    const client = await openSocket(gateway.url);
    const service = await chat.opened(1);
    service.socket.write(aCloseFrame(1008));
    await client.closeFrame();
    const stopped = gateway.stop();
    await service.ended;
    service.socket.end();
    await Promise.all([stopped, client.closed]);
    assert.deepEqual(
      client.frames().frames.map((frame) => codeOf(frame)),
      [1008],
    );
  });

  test('are served until the delay is over, and refused with 503 after', async () => {
    await start({ env: { SHUTDOWN_DELAY_MS: '400', WS_CLOSE_TIMEOUT_MS: '5000' } });
    const stopped = gateway.stop();
    const client = await openSocket(gateway.url, { mute: true });
    const close = await client.closeFrame();
    const refused = await exchange(
      gateway.url,
      `GET /api/chat/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Authorization: Bearer ${await aToken()}\r\n\r\n`,
    );
    const { status, headers, problem } = parseProblem(refused);
    assert.equal(status, 503);
    assert.match(headers.get('retry-after') ?? '', /^\d+$/);
    assert.equal(problem.type, '/problems/unavailable');
    client.socket.end(aFrame(close.payload, { opcode: CLOSE, masked: true }));
    await stopped;
  });
});

describe('a handshake that the stop meets', () => {
  let gateway: Service;
  afterEach(() => gateway.stop());

  test('gets the response of the service, without a frame in it', async () => {
    const asked = Promise.withResolvers<void>();
    const respond = Promise.withResolvers<void>();
    const busy = createServer((socket) => {
      socket.once('data', async () => {
        asked.resolve();
        await respond.promise;
        socket.end('HTTP/1.1 503 Service Unavailable\r\nContent-Length: 5\r\nConnection: close\r\n\r\nlater');
      });
    }).listen(0, '127.0.0.1');
    await once(busy, 'listening');
    gateway = await startGateway(`http://127.0.0.1:${(busy.address() as AddressInfo).port}`);
    const said = exchange(
      gateway.url,
      `GET /api/chat/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
        `Authorization: Bearer ${await aToken()}\r\n\r\n`,
    );
    await asked.promise;
    const stopped = gateway.stop();
    respond.resolve();
    assert.match(await said, /^HTTP\/1\.1 503 .*\r\n\r\nlater$/s);
    await stopped;
    busy.close();
  });
});

describe('connections to the services', () => {
  let gateway: Service;
  afterEach(() => gateway.stop());

  test('are given up before the service closes them', async () => {
    const upstream = await startUpstream((_req, res) => {
      res.setHeader('Keep-Alive', 'timeout=2');
      res.setHeader('Connection', 'keep-alive');
      res.end('{}');
    });
    gateway = await startGateway(upstream.url);
    const begin = performance.now();
    const response = await fetch(`${gateway.url}/api/feed`, { headers: { Authorization: `Bearer ${await aToken()}` } });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get('keep-alive'), null);
    await once(upstream.requests[0]?.socket as Socket, 'close');
    assert.ok(performance.now() - begin < 2_000, 'a second before the time that it announced');
    await upstream.close();
  });
});
