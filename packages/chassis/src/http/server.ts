import { once } from 'node:events';
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerOptions,
  type ServerResponse,
} from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Announced in the Keep-Alive header; the gateway's agent closes an idle connection a second before, this server a
 * second after, so no request meets a connection that is just going away. Nor does one when the service stops, where
 * SHUTDOWN_DELAY_MS is longer: until then each connection has been given up, or used and closed with its response.
 */
const KEEP_ALIVE_MS = 5_000;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** How long in-flight requests may take once the server has stopped accepting new ones. */
const DRAIN_MS = 15_000;
/** What `stop` leaves of its time for those that it breaks off. */
const BREAK_OFF_MS = 250;

/** With `reusePort` other processes may listen on the port as well (SO_REUSEPORT). */
type Address = { host: string; port: number; reusePort?: boolean };

export type HttpServer = {
  server: Server;
  /** Binds, and resolves to the URL at which the server responds. */
  start(): Promise<string>;
  /** Serves on, and tells each client with its response that the connection closes, so that they leave by themselves. */
  drain(): void;
  /**
   * Stops accepting, closes idle connections at once and busy ones after their response, and within `limitMs` all.
   * @throws where requests were broken off
   */
  stop(limitMs?: number): Promise<void>;
};

const DEFAULTS: ServerOptions = {
  keepAliveTimeout: KEEP_ALIVE_MS,
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
};

/**
 * `options` are Node's own, in place of the defaults here. Upgrades to WebSocket alone are upgrades; a request that asks
 * for another protocol, such as h2c, is served as if it did not (RFC 9110, section 7.8).
 */
export function createHttpServer(listener: RequestListener, address: Address, options: ServerOptions = {}): HttpServer {
  const shouldUpgradeCallback = (req: IncomingMessage) => connections.takesUpgrade(req);
  const server = createServer({ ...DEFAULTS, ...options, shouldUpgradeCallback }, listener);
  const connections = trackConnections(server);
  return {
    server,
    async start() {
      const { host, port, reusePort = false } = address;
      server.listen({ host, port, reusePort });
      await once(server, 'listening');
      return urlOf(server);
    },
    drain: connections.announceClose,
    async stop(limitMs = DRAIN_MS) {
      connections.announceClose();
      // Not by http's own `close`, which breaks off responses that are not sent yet.
      NetServer.prototype.close.call(server);
      let broken = 0;
      const timer = setTimeout(
        () => {
          broken = connections.destroy();
        },
        Math.max(limitMs - BREAK_OFF_MS, 0),
      );
      // What has arrived is read before any connection counts as idle.
      await nextTurn();
      await connections.close();
      clearTimeout(timer);
      server.close();
      if (broken > 0) throw new Error(`${broken} requests were broken off`);
    },
  };
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}

type Connections = {
  /** Whether a request that asks for an upgrade becomes one; else it is served as any other. */
  takesUpgrade(req: IncomingMessage): boolean;
  /** From now on each response says `Connection: close`. */
  announceClose(): void;
  /** Closes what is idle at once, and the rest as it becomes idle. Resolves when all are closed. */
  close(): Promise<void>;
  /** Breaks off what is left, and returns how many requests were still without their whole response. */
  destroy(): number;
};

type Connection = {
  /** Responses that are not out yet. */
  responses: Set<ServerResponse>;
  /** Bytes read when it was idle the last time; more of them are the beginning of a request. */
  bytesReadWhenIdle: number;
  /** The latest request that is served without the upgrade that it asks for. */
  ignoredUpgrade?: IncomingMessage;
};

/** One of the protocols that a client offers. */
const WEB_SOCKET = /(?:^|,)[\t ]*websocket[\t ]*(?:,|$)/i;

/**
 * Closes a connection after the response where more may have arrived behind a request whose upgrade is ignored: Node's
 * parser drops what is behind it in the same read. A client that pipelines learns from the close that it has to send the
 * rest again (RFC 9112, section 9.3.2).
 */
function closeWhereFollowed(req: IncomingMessage, res: ServerResponse, { bytesReadWhenIdle }: Connection): void {
  const { headers, socket } = req;
  const length = Number(headers['content-length'] ?? 0);
  const end = bytesReadWhenIdle + headLength(req) + length;
  const check = () => {
    if (socket.bytesRead > end || headers['transfer-encoding'] !== undefined) res.shouldKeepAlive = false;
  };
  check();
  if (length > 0) req.once('end', check);
}

/** Bytes of a request's head as clients write it: more where one writes more spaces. */
function headLength({ method = '', url = '', rawHeaders }: IncomingMessage): number {
  const start = `${method} ${url} HTTP/1.1\r\n`.length;
  return rawHeaders.reduce((length, text) => length + text.length + ': '.length, start) + '\r\n'.length;
}

/**
 * What is in-flight on a server's connections. Node's own `closeIdleConnections` takes a response that is written
 * but not sent yet for none at all, and breaks it off.
 */
function trackConnections(server: Server): Connections {
  const connections = new Map<Socket, Connection>();
  const empty = Promise.withResolvers<void>();
  let announced = false;
  let closing = false;

  server.on('connection', (socket: Socket) => {
    connections.set(socket, { responses: new Set(), bytesReadWhenIdle: 0 });
    socket.once('close', () => {
      // Node forgets responses that waited for their turn when an upgrade or CONNECT took over their connection.
      for (const res of connections.get(socket)?.responses ?? []) {
        res.destroyed = true;
        res.emit('close');
      }
      connections.delete(socket);
      if (closing && connections.size === 0) empty.resolve();
    });
  });
  // Before the listener that responds.
  server.prependListener('request', (req: IncomingMessage, res: ServerResponse) => {
    const { socket } = req;
    const connection = connections.get(socket);
    if (connection === undefined) return;
    connection.responses.add(res);
    if (announced) res.shouldKeepAlive = false;
    if (connection.ignoredUpgrade === req) closeWhereFollowed(req, res, connection);
    res.once('close', () => {
      connection.responses.delete(res);
      connection.bytesReadWhenIdle = socket.bytesRead;
      if (closing) closeWhenIdle(socket, connection);
    });
  });

  function closeWhenIdle(socket: Socket, { responses, bytesReadWhenIdle }: Connection): void {
    if (responses.size === 0 && socket.bytesRead === bytesReadWhenIdle) socket.destroySoon();
  }

  /** After the responses before it alone: what an upgrade's owner writes is not in their order. */
  function takesUpgrade(req: IncomingMessage): boolean {
    const connection = connections.get(req.socket);
    if (
      req.httpVersion === '1.1' &&
      WEB_SOCKET.test(req.headers.upgrade ?? '') &&
      server.listenerCount('upgrade') > 0 &&
      connection?.responses.size === 0
    ) {
      req.headers.upgrade = 'websocket';
      return true;
    }
    if (connection !== undefined) connection.ignoredUpgrade = req;
    return false;
  }

  return {
    takesUpgrade,
    announceClose() {
      announced = true;
      for (const { responses } of connections.values()) {
        for (const res of responses) res.shouldKeepAlive = false;
      }
    },
    close() {
      closing = true;
      if (connections.size === 0) empty.resolve();
      for (const [socket, connection] of connections) closeWhenIdle(socket, connection);
      return empty.promise;
    },
    destroy() {
      let broken = 0;
      for (const [socket, { responses }] of connections) {
        broken += responses.size;
        socket.destroy();
      }
      return broken;
    },
  };
}
