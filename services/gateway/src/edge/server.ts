import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createHttpServer, type HttpServer } from '@wave-connect/chassis/http/server.ts';
import type { Logger } from '@wave-connect/chassis/log.ts';
import { runInContext } from '@wave-connect/chassis/request-context.ts';
import type { GatewayConfig } from '../config.ts';
import { answerSocket } from './answer-socket.ts';
import type { Refusal } from './refusal.ts';
import {
  announcesTooMuch,
  contentTooLarge,
  headersTooLarge,
  malformed,
  methodNotTaken,
  refusal,
} from './request-limits.ts';

type Answer = ServerResponse<IncomingMessage>;

const MAX_HEADER_BYTES = 16_384;
/** How often the server looks for requests that are overdue, at the most. */
const OVERDUE_CHECK_MS = 1_000;

/**
 * The server that strangers reach: short of patience, and with an answer even to what is no request. Whatever it
 * leaves open, such as a missing Host, `limitRequests` refuses.
 */
export function createEdgeServer(
  listener: RequestListener,
  config: Pick<GatewayConfig, 'host' | 'port' | 'timeouts'>,
  log: Logger,
): HttpServer {
  const { headersMs, requestMs, keepAliveMs } = config.timeouts;
  const answers = new WeakMap<Duplex, Answer>();
  const http = createHttpServer(listener, config, {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: Math.min(OVERDUE_CHECK_MS, headersMs),
    maxHeaderSize: MAX_HEADER_BYTES,
    requireHostHeader: false,
  });
  const { server } = http;
  // Node would drop what is over its count; `limitRequests` has to see it.
  server.maxHeadersCount = 0;

  const refuse = (socket: Duplex, { problem }: Refusal) =>
    runInContext({ requestId: randomUUID() }, () => {
      log.info({ status: problem.status }, 'connection refused');
      answerSocket(socket, problem);
    });

  server.prependListener('request', (req, res) => answers.set(req.socket, res));
  server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
    if (!announcesTooMuch(req)) res.writeContinue();
    server.emit('request', req, res);
  });
  server.on('checkExpectation', (req, res) => server.emit('request', req, res));
  server.on('connect', (_req, socket) => {
    socket.on('error', (error) => log.debug({ err: error }, 'a connection broke'));
    refuse(socket, methodNotTaken());
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code !== 'ECONNRESET' && mayAnswer(socket, answers.get(socket))) refuse(socket, refusalOf(error));
    else (socket as Socket).destroySoon();
  });
  return http;
}

/**
 * Whether an answer that is written to the socket now is taken for what it is. What came in wrong is the rest of the
 * latest request, which gets one answer, or what follows it, whose turn has come when that one is out.
 */
function mayAnswer(socket: Duplex, latest: Answer | undefined): boolean {
  if (latest === undefined) return true;
  if (latest.req.complete) return latest.writableFinished || (latest.socket === socket && latest.writableEnded);
  return latest.socket === socket && !latest.headersSent;
}

function refusalOf({ code }: NodeJS.ErrnoException): Refusal {
  switch (code) {
    case 'HPE_HEADER_OVERFLOW':
      return headersTooLarge();
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return contentTooLarge();
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return refusal(408, 'request-timeout', 'The request did not arrive in time.');
    default:
      return malformed();
  }
}
