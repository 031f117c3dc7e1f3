import type { Socket } from 'node:net';
import { frameBoundaries } from './frame-boundaries.ts';

/** RFC 6455, sections 5.5.1 and 7.4.1. */
const GOING_AWAY = closeFrame(1001, 'The server is shutting down.');

export type Tunnel = {
  /**
   * Closes the WebSocket with 1001: after the frame at hand, and in place of what the service would still say. What
   * the client sends, its answer to the close included, reaches the service, which then closes its side.
   */
  goAway(): void;
};

/** A WebSocket whose bytes pass, piped by whoever has opened it, from service to client and back. */
export function followTunnel(client: Socket, service: Socket): Tunnel {
  const frames = frameBoundaries();
  const follow = (chunk: Buffer) => void frames.follow(chunk);
  service.on('data', follow);
  client.once('close', () => service.destroySoon());

  function sayGoingAway(): void {
    client.write(GOING_AWAY);
    service.resume();
  }

  function passRestOfFrame(chunk: Buffer): void {
    const end = frames.follow(chunk);
    if (end === undefined || frames.closing) {
      client.write(chunk);
      return;
    }
    service.off('data', passRestOfFrame);
    client.write(chunk.subarray(0, end));
    sayGoingAway();
  }

  return {
    goAway() {
      if (frames.closing || client.destroyed) return;
      service.off('data', follow);
      service.unpipe(client);
      service.once('end', () => client.end());
      if (frames.atBoundary) return sayGoingAway();
      service.on('data', passRestOfFrame);
      service.resume();
    },
  };
}

function closeFrame(code: number, reason: string): Buffer {
  const payload = Buffer.concat([Buffer.from([code >> 8, code & 0xff]), Buffer.from(reason)]);
  return Buffer.concat([Buffer.from([0x88, payload.length]), payload]);
}
