import { once } from 'node:events';
import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { aToken } from '../support.ts';
import { aCloseFrame, CLOSE, type Frame, framesOf } from './frames.ts';

const DEADLINE = { deadlineMs: 10_000, everyMs: 5 };
const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

/** One end of a WebSocket, byte by byte. */
export type End = {
  socket: Socket;
  /** All that came after the handshake. */
  frames(): { frames: Frame[]; rest: Buffer };
  /** Resolves to the first close frame. */
  closeFrame(): Promise<Frame>;
  /** Resolves when the other end has ended its half. */
  ended: Promise<unknown>;
  /** Resolves when both directions are closed. */
  closed: Promise<unknown>;
};

export type ChatStub = {
  url: string;
  /** Sockets that clients have opened, in order. */
  ends: End[];
  opened(count: number): Promise<End>;
  stop(): Promise<void>;
};

export type ChatOptions = { mute?: boolean; lastFrames?: Buffer };

/**
 * A chat in the service's place. Unless it is `mute`, it closes with 1001 when the gateway ends its half of a connection,
 * and ends its own, after `lastFrames`.
 */
export async function startChat({ mute = false, lastFrames = Buffer.alloc(0) }: ChatOptions = {}): Promise<ChatStub> {
  const ends: End[] = [];
  const server = createServer();
  server.on('upgrade', (_req, socket: Socket) => {
    socket.write(SWITCH);
    ends.push(watch(socket, { endsWith: mute ? undefined : Buffer.concat([lastFrames, aCloseFrame(1001)]) }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ends,
    async opened(count) {
      await waitFor(`${count} sockets`, () => ends.length >= count, DEADLINE);
      return ends[count - 1] as End;
    },
    async stop() {
      for (const { socket } of ends) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

/** A client of the gateway, once it is connected. One that is `mute` does not end its half after the gateway has. */
export async function openSocket(gateway: string, { mute = false } = {}): Promise<End> {
  const { hostname, port } = new URL(gateway);
  const socket = connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  socket.write(
    `GET /api/chat/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
      `Authorization: Bearer ${await aToken()}\r\n\r\n`,
  );
  const received: Buffer[] = [];
  const handshake = Promise.withResolvers<void>();
  const read = (chunk: Buffer) => {
    received.push(chunk);
    if (Buffer.concat(received).includes('\r\n\r\n')) handshake.resolve();
  };
  socket.on('data', read);
  await handshake.promise;
  socket.off('data', read);
  const bytes = Buffer.concat(received);
  if (!bytes.toString('latin1').startsWith('HTTP/1.1 101 ')) throw new Error(bytes.toString());
  return watch(socket, {
    head: bytes.subarray(bytes.indexOf('\r\n\r\n') + 4),
    endsWith: mute ? undefined : Buffer.alloc(0),
  });
}

/** Ends its half with `endsWith` once the other end has ended its own; where that is undefined, it stays open. */
function watch(socket: Socket, { head, endsWith }: { head?: Buffer; endsWith: Buffer | undefined }): End {
  const received = head === undefined ? [] : [head];
  const frames = () => framesOf(Buffer.concat(received));
  const ofClose = () => frames().frames.find(({ opcode }) => opcode === CLOSE);
  socket.on('data', (chunk: Buffer) => received.push(chunk));
  socket.on('error', () => {});
  const ended = once(socket, 'end');
  if (endsWith !== undefined) void ended.then(() => socket.end(endsWith));
  return {
    socket,
    frames,
    async closeFrame() {
      await waitFor('a close frame', () => ofClose() !== undefined, DEADLINE);
      return ofClose() as Frame;
    },
    ended,
    closed: new Promise((resolve) => socket.once('close', resolve)),
  };
}
