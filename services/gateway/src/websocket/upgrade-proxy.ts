import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { createProxyMiddleware, type Plugin } from 'http-proxy-middleware';
import type { GatewayConfig } from '../config.ts';
import { keepUpgradeAnswerHeaders } from '../proxy/forwarded-answer.ts';
import { UpstreamError } from '../proxy/upstream-error.ts';

export type UpgradeForwarder = (req: IncomingMessage, socket: Socket, head: Buffer) => void;

export type UpgradeEvents = {
  /** From now on bytes pass from one socket to the other. */
  onOpen: (client: Socket, service: Socket) => void;
  onFailure: (client: Socket, error: UpstreamError) => void;
};

/**
 * Forwards upgrades that the caller has authenticated. Never mounted, so it cannot forward any by itself. The library's
 * own error answer stays off, for it names the service's address.
 */
export function createUpgradeProxy(
  service: string,
  target: string,
  upstream: GatewayConfig['upstream'],
  { onOpen, onFailure }: UpgradeEvents,
): UpgradeForwarder {
  const timedOut = new WeakSet<IncomingMessage>();
  const clients = new WeakMap<Socket, Socket>();
  const reportFailures: Plugin = (proxy) => {
    proxy.on('error', (error, req, socket) =>
      onFailure(socket as Socket, new UpstreamError(service, req !== undefined && timedOut.has(req), error)),
    );
    // Only now are the two piped: a listener before would take bytes away.
    proxy.on('open', (service) => {
      const client = clients.get(service);
      if (client) onOpen(client, service);
    });
    // Ends with the handshake: a WebSocket may be silent for as long as it likes.
    proxy.on('proxyReqWs', (proxyReq, req, client) => {
      proxyReq.prependListener('response', keepUpgradeAnswerHeaders);
      proxyReq.prependListener('upgrade', keepUpgradeAnswerHeaders);
      proxyReq.setTimeout(upstream.timeoutMs, () => {
        timedOut.add(req);
        proxyReq.destroy();
      });
      proxyReq.once('upgrade', (_answer, service) => {
        proxyReq.setTimeout(0);
        clients.set(service, client);
      });
    });
  };
  return createProxyMiddleware({ target, ejectPlugins: true, plugins: [reportFailures] }).upgrade;
}
