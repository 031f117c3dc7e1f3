import { once } from 'node:events';
import { createServer, type RequestListener, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttpTerminator } from 'http-terminator';

/**
 * The gateway's agent learns it from the Keep-Alive header and closes an idle connection a second earlier, so no
 * request meets a connection that is just going away.
 */
const KEEP_ALIVE_MS = 65_000;
const HEADERS_TIMEOUT_MS = 10_000;
const REQUEST_TIMEOUT_MS = 60_000;
/** How long requests in flight may take once the server has stopped accepting new ones. */
const DRAIN_MS = 15_000;

export type HttpServer = {
  server: Server;
  /** Binds, and resolves to the URL at which the server answers. */
  start(): Promise<string>;
  /** Stops accepting, closes idle connections at once and busy ones after their answer. */
  stop(): Promise<void>;
};

const DEFAULTS: ServerOptions = {
  keepAliveTimeout: KEEP_ALIVE_MS,
  headersTimeout: HEADERS_TIMEOUT_MS,
  requestTimeout: REQUEST_TIMEOUT_MS,
};

/** `options` are Node's own, in place of the defaults here. */
export function createHttpServer(
  listener: RequestListener,
  address: { host: string; port: number },
  options: ServerOptions = {},
): HttpServer {
  const server = createServer({ ...DEFAULTS, ...options }, listener);
  const terminator = createHttpTerminator({ server, gracefulTerminationTimeout: DRAIN_MS });
  return {
    server,
    async start() {
      server.listen(address.port, address.host);
      await once(server, 'listening');
      return urlOf(server);
    },
    stop: () => terminator.terminate(),
  };
}

function urlOf(server: Server): string {
  const { address, family, port } = server.address() as AddressInfo;
  return `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
}
