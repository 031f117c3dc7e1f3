import { Agent, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { RequestHandler } from 'express';
import { createProxyMiddleware, type Plugin } from 'http-proxy-middleware';
import type { GatewayConfig } from '../config.ts';
import { limitBody } from './body-limit.ts';
import { keepAnswerHeaders, keepUpgradeAnswerHeaders } from './forwarded-answer.ts';
import { Refusal } from './refusal.ts';
import { UpstreamError } from './upstream-error.ts';

export type UpgradeForwarder = (req: IncomingMessage, socket: Socket, head: Buffer) => void;

export type UpgradeEvents = {
  /** From now on bytes pass from one socket to the other. */
  onOpen: (client: Socket, service: Socket) => void;
  onFailure: (client: Socket, error: UpstreamError) => void;
};

/**
 * Forwards plain requests to one service. Its own error answer and its own listener for upgrades stay off: the
 * former names the service's address, the latter forwards upgrades that nobody has authenticated.
 */
export function createRequestProxy(
  service: string,
  target: string,
  upstream: GatewayConfig['upstream'],
): RequestHandler {
  const timedOut = new WeakSet<IncomingMessage>();
  const failures = new WeakMap<IncomingMessage, (error: Error) => void>();
  const reportFailures: Plugin = (proxy) => {
    proxy.on('error', (error, req) => req && failures.get(req)?.(error));
    proxy.on('proxyReq', (proxyReq, req) => {
      proxyReq.once('timeout', () => timedOut.add(req));
      limitBody(req, proxyReq);
    });
    proxy.on('proxyRes', (answer, _req, res) => keepAnswerHeaders(answer, res));
  };
  const forward = createProxyMiddleware({
    target,
    // Without a timeout of its own the agent would not heed the one that services announce for idle connections.
    agent: new Agent({
      keepAlive: true,
      timeout: upstream.timeoutMs,
      maxSockets: upstream.maxSockets,
      scheduling: 'lifo',
    }),
    proxyTimeout: upstream.timeoutMs,
    ejectPlugins: true,
    plugins: [reportFailures],
  });
  return (req, res, next) => {
    failures.set(req, (error) => {
      failures.delete(req);
      next(error instanceof Refusal ? error : new UpstreamError(service, timedOut.has(req), error));
    });
    forward(req, res);
  };
}

/** Forwards upgrades that the caller has authenticated. Never mounted, so it cannot forward any by itself. */
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
