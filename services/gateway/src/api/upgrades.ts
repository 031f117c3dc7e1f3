import { randomUUID } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type Problem, problemBody, toProblem } from '@wave-connect/chassis/http/problem.ts';
import type { Logger } from '@wave-connect/chassis/log.ts';
import { runInContext } from '@wave-connect/chassis/request-context.ts';
import type { Part } from '@wave-connect/chassis/service/lifecycle.ts';
import { isWebSocketPath } from '../domain/routes.ts';
import type { TokenVerifier } from '../domain/tokens.ts';
import { authenticate } from './authenticate.ts';
import { keepForwardedHeaders } from './forwarded-headers.ts';
import { createUpgradeProxy } from './proxy.ts';
import { UpstreamError } from './upstream-error.ts';

/**
 * The one owner of upgrades: each gets an explicit answer or, with a verified token and for the chat's path
 * alone, a connection to the chat service.
 */
export function forwardUpgrades(server: Server, options: { target: string; tokens: TokenVerifier; log: Logger }): Part {
  const { target, tokens, log } = options;
  const open = new Set<Socket>();
  const forward = createUpgradeProxy(target, (socket, error) => {
    log.warn({ err: error }, 'upgrade failed');
    answer(socket, new UpstreamError('chat', false, error).toProblem());
  });

  async function handle(req: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    if (!isWebSocketPath(req.url ?? '')) {
      return answer(socket, { status: 404, code: 'not-found', detail: 'There is no WebSocket at this path.' });
    }
    await authenticate(req, tokens);
    keepForwardedHeaders(req, { upgrade: true });
    open.add(socket);
    socket.once('close', () => open.delete(socket));
    forward(req, socket, head);
  }

  server.on('upgrade', (req, socket: Socket, head) => {
    socket.on('error', (error) => log.debug({ err: error }, 'a WebSocket connection broke'));
    const requestId = randomUUID();
    req.headers['x-request-id'] = requestId;
    runInContext({ requestId }, () => {
      handle(req, socket, head).catch((error) => answer(socket, toProblem(error)));
    });
  });

  return {
    name: 'upgrades',
    stop() {
      for (const socket of open) socket.destroySoon();
    },
  };
}

/** Writes a whole HTTP answer, for an upgrade has no response object, and closes. */
function answer(socket: Socket, problem: Problem): void {
  if (socket.destroyed) return;
  const body = JSON.stringify(problemBody(problem));
  const headers = {
    ...problem.headers,
    'Content-Type': 'application/problem+json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    'Cache-Control': 'no-store',
    'X-Request-Id': problemBody(problem).request_id,
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('')}\r\n${body}`);
}
