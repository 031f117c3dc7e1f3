import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { NotFoundError, UnavailableError } from '@wave-connect/chassis/errors';
import type { Shedding } from '@wave-connect/chassis/http';
import { type Logger, type Metrics, runInContext } from '@wave-connect/chassis/observability';
import type { Part } from '@wave-connect/chassis/service';
import { CALLER_HEADER } from '@wave-connect/contracts/identity-headers.ts';
import { type Admission, admit } from '../admission/admission.ts';
import type { GatewayConfig } from '../config.ts';
import { malformed, problemOf, refuseSocket } from '../edge/refusal.ts';
import { assertWithinLimits, hasBody } from '../edge/request-limits.ts';
import { reduceUpgradeRequest } from '../proxy/headers.ts';
import { UpstreamError } from '../proxy/upstream-error.ts';
import type { Upstreams } from '../proxy/upstreams.ts';
import type { Routes } from '../routes.ts';
import { beginHandshake, type Handshake } from './handshake.ts';
import { createTunnels, type Tunnel } from './tunnel.ts';

/** Time in ms that a stop leaves for the sockets that it disconnects. */
const DISCONNECT_MS = 250;

type Parts = {
  routes: Routes;
  admission: Admission;
  upstreams: Upstreams;
  shedding: Shedding;
  metrics: Metrics;
  log: Logger;
};

/**
 * The one owner of upgrades: each gets a problem or, with a verified token and for the chat's path alone, a tunnel to
 * the chat service. Until then it takes the places of a request, and ends as one: in the request log and the metrics.
 */
export function forwardUpgrades(
  server: Server,
  config: Pick<GatewayConfig, 'services' | 'upstream' | 'trustProxy' | 'webSocketCloseTimeoutMs'>,
  { routes, admission, upstreams, shedding, metrics, log }: Parts,
): Part {
  /** Without a tunnel as long as the chat has not taken the upgrade. */
  const open = new Map<Socket, Tunnel | undefined>();
  const handshakes = new WeakMap<Socket, Handshake>();
  const allClosed = Promise.withResolvers<void>();
  let stopping = false;
  metrics.observedGauge(
    'gateway_sockets_open',
    'Open WebSockets, those in their handshake among them.',
    () => open.size,
  );

  const openTunnel = createTunnels('chat', config.services.chat, config.upstream, {
    onOpen(client, tunnel) {
      handshakes.get(client)?.end(101);
      open.set(client, tunnel);
      if (stopping) tunnel.drain();
    },
    onRefused: (client, status) => handshakes.get(client)?.end(status),
    onFailure: refuse,
  });

  function refuse(client: Socket, error: unknown): void {
    const problem = problemOf(error);
    if (error instanceof UpstreamError) log.warn({ err: error }, 'upgrade failed');
    else if (problem.status === 500) log.error({ err: error }, 'upgrade failed');
    handshakes.get(client)?.end(problem.status);
    refuseSocket(client, problem);
  }

  function assertServing(): void {
    if (stopping) throw new UnavailableError('This server is shutting down; please connect again.');
  }

  function forget(socket: Socket): void {
    open.delete(socket);
    if (stopping && open.size === 0) allClosed.resolve();
  }

  async function handle(req: IncomingMessage, socket: Socket, head: Buffer, handshake: Handshake): Promise<void> {
    handshake.hold(shedding.hold());
    assertWithinLimits(req);
    const route = routes.find(req.method, req.url);
    if (!route?.isWebSocket) throw new NotFoundError('There is no WebSocket at this path.');
    if (hasBody(req)) throw malformed('This path upgrades to WebSocket, without a body.');
    const caller = await admit(req, route, admission);
    if (socket.destroyed) return;
    assertServing();
    handshake.hold(admission.concurrency.enterRequest(caller));
    handshake.hold(upstreams.to.chat.concurrency.enter());
    reduceUpgradeRequest(req, config.trustProxy);
    open.set(socket, undefined);
    socket.once('close', () => forget(socket));
    openTunnel(req, socket, head);
  }

  server.on('upgrade', (req, socket: Socket, head) => {
    socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket connection broke'));
    const requestId = randomUUID();
    req.headers['x-request-id'] = requestId;
    delete req.headers[CALLER_HEADER];
    runInContext({ requestId }, () => {
      const handshake = beginHandshake(req, socket, { metrics, log });
      handshakes.set(socket, handshake);
      handle(req, socket, head, handshake).catch((error) => refuse(socket, error));
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
