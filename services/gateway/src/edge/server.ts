import { randomUUID } from 'node:crypto';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createHttpServer, type HttpServer } from '@wave-connect/chassis/http';
import { type Logger, type Metrics, runInContext } from '@wave-connect/chassis/observability';
import { CALLER_HEADER } from '@wave-connect/contracts/identity-headers.ts';
import type { GatewayConfig } from '../config.ts';
import { clientNetwork, peerAddress } from './client-address.ts';
import { limitEach } from './limit-each.ts';
import {
  contentTooLarge,
  headersTooLarge,
  malformed,
  methodNotAllowed,
  type Refusal,
  refusal,
  refuseSocket,
} from './refusal.ts';
import { announcesTooMuch } from './request-limits.ts';

type Response = ServerResponse<IncomingMessage>;

const MAX_HEADER_BYTES = 16_384;
/** How often the server looks for requests that are overdue, at the most. */
const OVERDUE_CHECK_MS = 1_000;

/**
 * The server that the public reaches: its timeouts are short, and bytes that are no request get a problem, too. What
 * it leaves to the application, such as a missing Host, `limitRequest` refuses.
 */
export function createEdgeServer(
  listener: RequestListener,
  config: Pick<GatewayConfig, 'host' | 'port' | 'timeouts' | 'trustProxy' | 'concurrency'> & { reusePort: boolean },
  { log, metrics }: { log: Logger; metrics: Metrics },
): HttpServer {
  const { headersMs, requestMs, keepAliveMs } = config.timeouts;
  const latestResponse = new WeakMap<Duplex, Response>();
  const http = createHttpServer(listener, config, {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: Math.min(OVERDUE_CHECK_MS, headersMs),
    maxHeaderSize: MAX_HEADER_BYTES,
    requireHostHeader: false,
  });
  const { server } = http;
  // Node would drop headers over its count; `limitRequest` has to see them.
  server.maxHeadersCount = 0;
  // The peers of a gateway behind a proxy are the proxy, which limits its clients itself.
  if (!config.trustProxy) limitNewConnections(server, config.concurrency.newConnectionsPerAddress, metrics);

  const refuse = (socket: Duplex, { problem }: Refusal) =>
    runInContext({ requestId: randomUUID() }, () => {
      log.info({ status: problem.status }, 'connection refused');
      refuseSocket(socket, problem);
    });

  server.prependListener('request', (req, res) => {
    // A client's own would name a caller in the log of a request that is refused before its token is verified.
    delete req.headers[CALLER_HEADER];
    latestResponse.set(req.socket, res);
  });
  server.on('checkContinue', (req: IncomingMessage, res: ServerResponse) => {
    if (!announcesTooMuch(req)) res.writeContinue();
    server.emit('request', req, res);
  });
  server.on('checkExpectation', (req, res) => server.emit('request', req, res));
  server.on('connect', (_req, socket) => {
    socket.on('error', (error) => log.debug({ err: error }, 'a connection broke'));
    refuse(socket, methodNotAllowed());
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code !== 'ECONNRESET' && mayRespond(socket, latestResponse.get(socket))) {
      refuse(socket, refusalOf(error));
    } else (socket as Socket).destroySoon();
  });
  return http;
}

/** Disconnects an address that has too many connections without the headers of a request. */
function limitNewConnections(server: Server, perAddress: number, metrics: Metrics): void {
  const refused = metrics.counter(
    'connections_refused_total',
    'Connections over what one address may have without a request.',
  );
  const tryEnter = limitEach(perAddress);
  const leaveOf = new WeakMap<Duplex, () => void>();
  server.on('connection', (socket) => {
    const leave = tryEnter(clientNetwork(peerAddress(socket)));
    if (leave === undefined) {
      refused.inc();
      socket.destroy();
      return;
    }
    leaveOf.set(socket, leave);
    socket.once('close', leave);
  });
  const hasRequest = ({ socket }: IncomingMessage) => leaveOf.get(socket)?.();
  for (const event of ['request', 'upgrade', 'connect']) server.prependListener(event, hasRequest);
}

/**
 * Whether the client takes a response that is written to the socket now for what it is. The malformed bytes are the
 * rest of the latest request, which gets one response, or follow it, and their turn comes when that response is out.
 */
function mayRespond(socket: Duplex, latest: Response | undefined): boolean {
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
