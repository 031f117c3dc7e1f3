import assert from 'node:assert/strict';
import { once } from 'node:events';
import { FORMATS, readContract } from '@wave-connect/chassis/http/app';
import { Ajv } from 'ajv';
import { type ClientOptions, WebSocket } from 'ws';
import { eventually, type Message, type Replica } from './support.ts';

export type Frame = {
  type: string;
  message?: Message;
  title?: string;
  detail?: string;
  client_id?: unknown;
  retry_after?: number;
};

/** A WebSocket of one person, and what it has received. */
export type Client = {
  socket: WebSocket;
  frames: Frame[];
  /** Sends a string as it is, anything else as JSON. */
  send(frame: unknown): void;
  /** Resolves to all frames once so many have come. */
  received(count: number): Promise<Frame[]>;
  /** Resolves to the code with which the connection closes. */
  closed: Promise<number>;
  close(): Promise<void>;
};

const formats = { ...FORMATS, 'date-time': /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/ };
const isServerFrame = new Ajv({ strict: false, formats })
  .addSchema(readContract(), 'contract')
  .compile({ $ref: 'contract#/components/schemas/ChatServerFrame' });

export async function connect(replica: Replica, userId: string, options: ClientOptions = {}): Promise<Client> {
  const socket = new WebSocket(`${replica.url.replace('http', 'ws')}/api/chat/ws`, {
    ...options,
    headers: { 'X-User-ID': userId, ...options.headers },
  });
  const frames: Frame[] = [];
  socket.on('message', (data) => frames.push(JSON.parse(String(data))));
  const closed = new Promise<number>((resolve) => socket.once('close', resolve));
  await once(socket, 'open');
  socket.on('error', () => {});
  return {
    socket,
    frames,
    send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    async received(count) {
      await eventually(`${count} frames`, () => frames.length >= count);
      for (const frame of frames) assert.ok(isServerFrame(frame), JSON.stringify(isServerFrame.errors));
      return frames;
    },
    closed,
    async close() {
      socket.close();
      await closed;
    },
  };
}

/** The status and problem with which an upgrade is refused. */
export async function refusal(replica: Replica, path: string, headers: Record<string, string>) {
  const socket = new WebSocket(`${replica.url.replace('http', 'ws')}${path}`, { headers });
  socket.on('error', () => {});
  const [, response] = await once(socket, 'unexpected-response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return {
    status: response.statusCode as number,
    headers: response.headers as Record<string, string>,
    body: JSON.parse(String(Buffer.concat(chunks))) as Record<string, unknown>,
  };
}
