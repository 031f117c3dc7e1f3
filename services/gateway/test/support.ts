import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { Logger } from '@wave-connect/chassis/observability';
import { TOKEN_PROFILE } from '@wave-connect/contracts/token-profile.ts';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { type JWTPayload, SignJWT } from 'jose';
import { readGatewayConfig } from '../src/config.ts';
import { createGateway } from '../src/service.ts';

export const SECRET = randomBytes(32).toString('hex');
export const USER = randomUUID();

export const MIB = 1_048_576;
/** What large bodies are made of. */
export const PIECE = Buffer.alloc(MIB, 'x');

/** How long what follows from something done may take. */
export const SOON = { deadlineMs: 20_000, everyMs: 10 };

/** A token as auth makes it, but for what `over` says. */
export function aToken(
  over: { payload?: JWTPayload; secret?: string; typ?: string; alg?: string } = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1_000);
  const claims = { iss: TOKEN_PROFILE.issuer, aud: TOKEN_PROFILE.audience, sub: USER, iat: now, exp: now + 60 };
  return new SignJWT({ ...claims, ...over.payload })
    .setProtectedHeader({ alg: over.alg ?? TOKEN_PROFILE.algorithm, typ: over.typ ?? TOKEN_PROFILE.type })
    .sign(new TextEncoder().encode(over.secret ?? SECRET));
}

export type Upstream = {
  url: string;
  server: Server;
  /** Connections opened so far, whether or not they carried a request. */
  connections: number;
  requests: IncomingMessage[];
  close(): Promise<void>;
};

/** A server in a service's place that shows what reached it. */
export async function startUpstream(listener: RequestListener = (_req, res) => res.end('{}')): Promise<Upstream> {
  const server = createServer();
  const upstream: Upstream = {
    url: '',
    server,
    connections: 0,
    requests: [],
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
  server.on('connection', () => {
    upstream.connections += 1;
  });
  server.on('request', (req, res) => {
    upstream.requests.push(req);
    listener(req, res);
  });
  server.on('upgrade', (req, socket) => {
    upstream.requests.push(req);
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhello');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  upstream.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return upstream;
}

/** Sends bytes as they are, and returns all that comes back until the connection closes. */
export async function exchange(url: string, bytes: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.write(bytes, 'latin1');
  let response = '';
  socket.on('data', (chunk) => {
    response += chunk;
  });
  await once(socket, 'close');
  return response;
}

/** Status, headers and problem of a response as `exchange` returns it. */
export function parseProblem(response: string) {
  const [head = '', body = ''] = response.split('\r\n\r\n');
  const [statusLine = '', ...fields] = head.split('\r\n');
  const headers = new Headers(fields.map((field) => field.split(': ', 2) as [string, string]));
  return { status: Number(statusLine.split(' ')[1]), headers, problem: JSON.parse(body) };
}

/** Whether or not it has been built here. */
const NO_WEB_APP: { webApp: string; log?: Logger } = { webApp: '/nowhere' };
/** Its requests are those of the test alone. */
const NONE_REVOKED = { revocations: { isRevoked: () => false } };

type Overrides = Parameters<typeof createGateway>[1];

/** A gateway with `upstream` behind each of its paths, and with a web app where `overrides` name one. */
export async function startGateway(
  upstream: string,
  env: Record<string, string> = {},
  overrides: Overrides = NO_WEB_APP,
) {
  const services = ['AUTH', 'CHAT', 'FEED', 'PROFILE'].map((name) => [`${name}_SERVICE_URL`, upstream]);
  const config = readGatewayConfig({
    PORT: '0',
    METRICS_PORT: '0',
    LOG_LEVEL: 'silent',
    JWT_SECRET: SECRET,
    RATE_LIMIT: 'off',
    ...Object.fromEntries(services),
    ...env,
  });
  const gateway = createGateway(config, { ...NONE_REVOKED, ...overrides });
  await gateway.start();
  return gateway;
}

/** Resolves when a count has not changed over many looks. */
export async function untilSteady(what: string, count: () => number): Promise<number> {
  let last = -1;
  let same = 0;
  await waitFor(
    what,
    () => {
      const now = count();
      same = now > 0 && now === last ? same + 1 : 0;
      last = now;
      return same >= 50;
    },
    SOON,
  );
  return last;
}
