import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { createProxyMiddleware, type Plugin } from 'http-proxy-middleware';
import type { GatewayConfig } from '../config.ts';
import { reduceUpgradeResponse } from '../proxy/headers.ts';
import { UpstreamError } from '../proxy/upstream-error.ts';

/** An open WebSocket, whose bytes pass between client and service as they are. */
export type Tunnel = {
  /**
   * Ends the gateway's half of the connection to the service (TCP FIN) and passes nothing more from the client. The
   * service then closes the WebSocket with 1001, after the messages that it has sent, and ends its own half.
   */
  drain(): void;
};

export type TunnelEvents = {
  onOpen: (client: Socket, tunnel: Tunnel) => void;
  /** The service has refused the upgrade, and its response is passed on. */
  onRefused: (client: Socket, status: number) => void;
  /** The service did not respond. */
  onFailure: (client: Socket, error: UpstreamError) => void;
};

export type OpenTunnel = (req: IncomingMessage, client: Socket, head: Buffer) => void;

/**
 * Forwards upgrades that the caller has authenticated. Never mounted, so it cannot forward any by itself. The library's
 * own error response stays off, for it names the service's address.
 */
export function createTunnels(
  service: string,
  target: string,
  upstream: GatewayConfig['upstream'],
  { onOpen, onRefused, onFailure }: TunnelEvents,
): OpenTunnel {
  const timedOut = new WeakSet<IncomingMessage>();
  const clients = new WeakMap<Socket, Socket>();
  const open = new WeakSet<Socket>();
  const reportEvents: Plugin = (proxy) => {
    proxy.on('error', (error, req, socket) => {
      const client = socket as Socket;
      // The library ends the client's connection by itself; a response would land between frames.
      if (open.has(client)) return;
      onFailure(client, new UpstreamError(service, req !== undefined && timedOut.has(req), error));
    });
    // Only now are the two piped: a listener before would take bytes away.
    proxy.on('open', (upstreamSocket) => {
      const client = clients.get(upstreamSocket);
      if (client === undefined) return;
      open.add(client);
      onOpen(client, createTunnel(client, upstreamSocket));
    });
    // The time limit ends with the handshake: a WebSocket may be silent for as long as it likes.
    proxy.on('proxyReqWs', (proxyReq, req, client) => {
      proxyReq.prependListener('response', (response) => {
        reduceUpgradeResponse(response);
        onRefused(client as Socket, response.statusCode ?? 0);
      });
      proxyReq.prependListener('upgrade', reduceUpgradeResponse);
      proxyReq.setTimeout(upstream.timeoutMs, () => {
        timedOut.add(req);
        proxyReq.destroy();
      });
      proxyReq.once('upgrade', (_response, upstreamSocket) => {
        proxyReq.setTimeout(0);
        clients.set(upstreamSocket, client);
      });
    });
  };
  return createProxyMiddleware({ target, ejectPlugins: true, plugins: [reportEvents] }).upgrade;
}

function createTunnel(client: Socket, service: Socket): Tunnel {
  client.once('close', () => service.destroySoon());
  return {
    drain() {
      client.unpipe(service);
      // Reads on: with unread bytes the kernel would reset the client's connection, and the close frame with it.
      client.resume();
      service.end();
    },
  };
}
