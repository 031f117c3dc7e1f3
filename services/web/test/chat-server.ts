import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import type { ChatClientFrame, Message } from '../src/api/client.ts';

export const ME = '019cebab-8995-7183-acaf-8ffa49125111';
export const PEER = '019cebcb-d984-7f90-82e4-023cf07ba567';

let count = 0;

export function aMessage(text: string, over: Partial<Message> = {}): Message {
  count += 1;
  const id = `019cf7e0-6812-7000-8000-${String(count).padStart(12, '0')}`;
  return { id, text, sender: ME, receiver: PEER, time_sent: new Date().toISOString(), ...over };
}

/** A server in the chat's place, which does with each frame as it is told. */
export async function startChatServer(onFrame: (frame: ChatClientFrame, socket: WebSocket) => void) {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  const frames: ChatClientFrame[] = [];
  server.on('connection', (socket) =>
    socket.on('message', (data) => {
      const frame: ChatClientFrame = JSON.parse(String(data));
      frames.push(frame);
      onFrame(frame, socket);
    }),
  );
  const cutAll = () => {
    for (const client of server.clients) client.terminate();
  };
  return {
    url: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    frames,
    cutAll,
    tellAll(frame: object) {
      for (const client of server.clients) client.send(JSON.stringify(frame));
    },
    async close() {
      cutAll();
      server.close();
      await once(server, 'close');
    },
  };
}

export const accept = ({ text, client_id }: ChatClientFrame, socket: WebSocket): void =>
  socket.send(JSON.stringify({ type: 'message', client_id, message: aMessage(text) }));
