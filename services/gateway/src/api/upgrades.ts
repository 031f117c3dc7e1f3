import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';
import { NotFoundError } from '@wave-connect/chassis/errors.ts';
import { toProblem } from '@wave-connect/chassis/http/problem.ts';
import type { Logger } from '@wave-connect/chassis/log.ts';
import { runInContext } from '@wave-connect/chassis/request-context.ts';
import type { Part } from '@wave-connect/chassis/service/lifecycle.ts';
import type { GatewayConfig } from '../config.ts';
import { isWebSocketPath } from '../domain/routes.ts';
import { type Admission, admit } from './admit.ts';
import { answerSocket } from './answer-socket.ts';
import { keepForwardedHeaders } from './forwarded-headers.ts';
import { createUpgradeProxy } from './proxy.ts';
import { Refusal } from './refusal.ts';
import { assertWithinLimits, hasBody, malformed } from './request-limits.ts';

/**
 * The one owner of upgrades: each gets an explicit answer or, with a verified token and for the chat's path
 * alone, a connection to the chat service.
 */
export function forwardUpgrades(
  server: Server,
  config: Pick<GatewayConfig, 'services' | 'upstream' | 'trustProxy'>,
  parts: { admission: Admission; log: Logger },
): Part {
  const { admission, log } = parts;
  const open = new Set<Socket>();
  const forward = createUpgradeProxy('chat', config.services.chat, config.upstream, (socket, error) => {
    log.warn({ err: error }, 'upgrade failed');
    answerSocket(socket, error.toProblem());
  });

  async function handle(req: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    assertWithinLimits(req);
    if (!isWebSocketPath(req.url ?? '')) {
      throw new NotFoundError('There is no WebSocket at this path.');
    }
    if (hasBody(req) || req.headers.upgrade?.toLowerCase() !== 'websocket') {
      throw malformed('This path upgrades to WebSocket, without a body.');
    }
    await admit(req, admission, { upgrade: true });
    if (socket.destroyed) return;
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
      handle(req, socket, head).catch((error) =>
        answerSocket(socket, error instanceof Refusal ? error.problem : toProblem(error)),
      );
    });
  });

  return {
    name: 'upgrades',
    stop() {
      for (const socket of open) socket.destroySoon();
    },
  };
}
