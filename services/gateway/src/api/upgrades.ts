import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { toProblem } from '@wave-connect/chassis/http/problem.ts';
import { answerUpgrade } from '@wave-connect/chassis/http/upgrade.ts';
import type { Logger } from '@wave-connect/chassis/log.ts';
import { runInContext } from '@wave-connect/chassis/request-context.ts';
import type { Part } from '@wave-connect/chassis/service/lifecycle.ts';
import type { GatewayConfig } from '../config.ts';
import { isWebSocketPath } from '../domain/routes.ts';
import type { TokenVerifier } from '../domain/tokens.ts';
import { authenticate } from './authenticate.ts';
import { keepForwardedHeaders } from './forwarded-headers.ts';
import { createUpgradeProxy } from './proxy.ts';

/**
 * The one owner of upgrades: each gets an explicit answer or, with a verified token and for the chat's path
 * alone, a connection to the chat service.
 */
export function forwardUpgrades(
  server: Server,
  config: Pick<GatewayConfig, 'services' | 'upstream' | 'trustProxy'>,
  parts: { tokens: TokenVerifier; log: Logger },
): Part {
  const { tokens, log } = parts;
  const open = new Set<Socket>();
  const forward = createUpgradeProxy('chat', config.services.chat, config.upstream, (socket, error) => {
    log.warn({ err: error }, 'upgrade failed');
    answerUpgrade(socket, error.toProblem());
  });

  async function handle(req: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    if (!isWebSocketPath(req.url ?? '')) {
      return answerUpgrade(socket, { status: 404, code: 'not-found', detail: 'There is no WebSocket at this path.' });
    }
    await authenticate(req, tokens);
    keepForwardedHeaders(req, config.trustProxy, { upgrade: true });
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    forward(req, socket, head);
  }

  server.on('upgrade', (req, socket: Socket, head) => {
    socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket connection broke'));
    const requestId = randomUUID();
    req.headers['x-request-id'] = requestId;
    runInContext({ requestId }, () => {
      handle(req, socket, head).catch((error) => answerUpgrade(socket, toProblem(error)));
    });
  });

  return {
    name: 'upgrades',
    stop() {
      for (const socket of open) socket.destroySoon();
    },
  };
}
