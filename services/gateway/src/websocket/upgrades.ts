import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { NotFoundError, UnavailableError } from '@wave-connect/chassis/errors';
import type { Shedding } from '@wave-connect/chassis/http';
import { type Logger, runInContext } from '@wave-connect/chassis/observability';
import type { Part } from '@wave-connect/chassis/service';
import { type Admission, admit } from '../admission/admission.ts';
import type { GatewayConfig } from '../config.ts';
import { malformed, problemOf, refuseSocket } from '../edge/refusal.ts';
import { assertWithinLimits, hasBody } from '../edge/request-limits.ts';
import { reduceUpgradeRequest } from '../proxy/headers.ts';
import type { Routes } from '../routes.ts';
import { createTunnels, type Tunnel } from './tunnel.ts';

/** Time in ms that a stop leaves for the sockets that it disconnects. */
const DISCONNECT_MS = 250;

/**
 * The one owner of upgrades: each gets a problem or, with a verified token and for the chat's path alone, a tunnel to
 * the chat service.
 */
export function forwardUpgrades(
  server: Server,
  config: Pick<GatewayConfig, 'services' | 'upstream' | 'trustProxy' | 'webSocketCloseTimeoutMs'>,
  parts: { routes: Routes; admission: Admission; shedding: Shedding; log: Logger },
): Part {
  const { routes, admission, shedding, log } = parts;
  /** Without a tunnel as long as the chat has not taken the upgrade. */
  const open = new Map<Socket, Tunnel | undefined>();
  const allClosed = Promise.withResolvers<void>();
  let stopping = false;

  const openTunnel = createTunnels('chat', config.services.chat, config.upstream, {
    onOpen(client, tunnel) {
      open.set(client, tunnel);
      if (stopping) tunnel.drain();
    },
    onFailure(client, error) {
      log.warn({ err: error }, 'upgrade failed');
      refuseSocket(client, error.problem);
    },
  });

  function assertServing(): void {
    if (stopping) throw new UnavailableError('This server is shutting down; please connect again.');
  }

  function forget(socket: Socket): void {
    open.delete(socket);
    if (stopping && open.size === 0) allClosed.resolve();
  }

  async function handle(req: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    shedding.assertRoom();
    assertWithinLimits(req);
    const route = routes.find(req.method, req.url);
    if (!route?.isWebSocket) throw new NotFoundError('There is no WebSocket at this path.');
    if (hasBody(req) || req.headers.upgrade?.toLowerCase() !== 'websocket') {
      throw malformed('This path upgrades to WebSocket, without a body.');
    }
    await admit(req, route, admission);
    if (socket.destroyed) return;
    assertServing();
    reduceUpgradeRequest(req, config.trustProxy);
    open.set(socket, undefined);
    socket.once('close', () => forget(socket));
    openTunnel(req, socket, head);
  }

  server.on('upgrade', (req, socket: Socket, head) => {
    socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket connection broke'));
    const requestId = randomUUID();
    req.headers['x-request-id'] = requestId;
    runInContext({ requestId }, () => {
      handle(req, socket, head).catch((error) => refuseSocket(socket, problemOf(error)));
    });
  });

  return {
    name: 'upgrades',
    async stop(limitMs) {
      stopping = true;
      if (open.size === 0) return;
      for (const tunnel of open.values()) tunnel?.drain();
      const waitMs = Math.min(config.webSocketCloseTimeoutMs, limitMs - DISCONNECT_MS);
      await Promise.race([allClosed.promise, sleep(waitMs, undefined, { ref: false })]);
      if (open.size > 0) log.info({ sockets: open.size }, 'WebSockets that did not close in time are disconnected');
      for (const socket of open.keys()) socket.destroy();
    },
  };
}
