import { createHash } from 'node:crypto';
import { CLIENT_ADDRESS_HEADER } from '@wave-connect/contracts/identity-headers.ts';
import { byPrecedence, type Operation, operationsOf } from '@wave-connect/contracts/openapi.ts';
import type { Operations, ServiceName } from '@wave-connect/contracts/operations.ts';
import express, { type Request, type RequestHandler, type Response, Router } from 'express';
import type { Idempotency } from '../database/idempotency.ts';
import { readContract } from './contract.ts';
import { callerOf, sessionOf } from './identity.ts';
import { type Problem, sendProblem } from './problem.ts';

/** What a handler may ask of a request besides what the contract names. */
type RequestContext = {
  /** Whether the client's own connection is TLS, which the gateway tells. */
  secure: boolean;
  /** The client's address, which the gateway tells; empty where it does not. */
  clientAddress: string;
  /** The session of the caller's token, which the gateway tells; a token from before there were sessions has none. */
  sessionId: string | undefined;
  /** As the client says; empty where it says nothing. */
  userAgent: string;
  /** The `Cookie` header, as far as the gateway lets it through. */
  cookies: string;
  /** Whether the client has the version with this entity tag already, so that 304 is enough (RFC 9110, section 13.1). */
  isFresh(etag: string): boolean;
  /** Undefined where the client sent no `Idempotency-Key`, or the operation takes none. */
  idempotency: Idempotency | undefined;
};

type AnyResponse = { status: number; headers?: object; contentType?: string; body?: unknown };
type AnyOperation = { request: object; response: AnyResponse; problem: number };
type AnyHandler = (request: never) => Promise<AnyResponse | Problem>;

/**
 * Takes an operation's request, which is validated, and returns one of its responses. It refuses by throwing a
 * `DomainError`, or by returning a problem with one of the statuses that the contract names.
 */
type Handler<Of extends AnyOperation> = (
  request: Of['request'] & RequestContext,
) => Promise<Of['response'] | (Problem & { status: Of['problem'] })>;

/** The gateway's operations have no router in common. */
type RoutedService = Exclude<ServiceName, 'gateway'>;

/** A handler for each operation of a service, by its id. */
export type Handlers<Service extends RoutedService> = {
  [Id in keyof Operations as Operations[Id]['service'] extends Service ? Id : never]: Handler<Operations[Id]>;
};

export type ServiceRoutes = {
  /** The path below which the service's routes lie, such as `/api/feed`. */
  prefix: string;
  /** Paths below it that need no caller. */
  publicPaths: readonly string[];
  router: Router;
};

/**
 * The routes of a service, which are those of the contract. Expects requests that the contract's validator has let
 * through. `maxBytes` bounds bodies that are not JSON.
 * @throws where an operation of the service has no handler, or a handler no operation
 */
export function createRouter<Service extends RoutedService>(
  service: Service,
  handlers: Handlers<Service>,
  options?: { maxBytes?: number },
): ServiceRoutes;
export function createRouter(
  service: RoutedService,
  handlers: Record<string, AnyHandler>,
  { maxBytes = 0 } = {},
): ServiceRoutes {
  const prefix = `/api/${service}`;
  const pathOf = ({ path }: Operation) => path.slice(prefix.length).replace(/(?<=.)\/$/, '');
  const operations = operationsOf(readContract()).filter((operation) => operation.service === service);
  const router = Router({ caseSensitive: true });
  for (const operation of byPrecedence(operations)) {
    const handler = handlers[operation.id];
    if (handler === undefined) throw new Error(`${service} has no handler for ${operation.id}`);
    const path = pathOf(operation).replaceAll(/\{(\w+)\}/g, ':$1');
    const handle: RequestHandler = async (req, res) => {
      const response = await handler(requestOf(operation, req, res));
      if ('code' in response) sendProblem(res, response);
      else send(res, response);
    };
    router[operation.method](path, bodyParsers(operation, maxBytes), handle);
  }
  const ids = new Set(operations.map(({ id }) => id));
  const others = Object.keys(handlers).filter((id) => !ids.has(id));
  if (others.length > 0) throw new Error(`${service} has no operation ${others.join(', ')} in openapi.yaml`);
  return { prefix, publicPaths: operations.filter(({ isPublic }) => isPublic).map(pathOf), router };
}

/** JSON is parsed before validation, for all routes. */
function bodyParsers({ requestContent }: Operation, limit: number): RequestHandler[] {
  const types = Object.keys(requestContent);
  return types.length === 0 || types.includes('application/json') ? [] : [express.raw({ type: types, limit })];
}

/**
 * Everything that a handler may be told. Here alone something passes through a cast: the validator has checked the
 * request against the document from which the types of handlers are generated, but returns nothing with a type.
 */
function requestOf(operation: Operation, req: Request, res: Response): never {
  const request: RequestContext & Record<string, unknown> = {
    ...(!operation.isPublic && { caller: callerOf(req) }),
    params: req.params,
    query: req.query,
    body: req.body ?? new Uint8Array(),
    contentType: req.get('content-type')?.split(';')[0]?.trim().toLowerCase(),
    secure: req.get('x-forwarded-proto') === 'https',
    clientAddress: req.get(CLIENT_ADDRESS_HEADER) ?? '',
    sessionId: sessionOf(req),
    userAgent: req.get('user-agent') ?? '',
    cookies: req.get('cookie') ?? '',
    isFresh(etag) {
      // Express compares with the response's.
      res.set('ETag', etag);
      return req.fresh;
    },
    idempotency: idempotencyOf(operation, req),
  };
  return request as never;
}

const KEY_HEADER = 'Idempotency-Key';

function idempotencyOf({ id, parameters }: Operation, req: Request): Idempotency | undefined {
  const key = req.get(KEY_HEADER);
  if (key === undefined || !parameters.some(({ name }) => name === KEY_HEADER)) return undefined;
  const asked = JSON.stringify([id, req.params, req.query, req.body]);
  return { key, fingerprint: createHash('sha256').update(asked).digest('base64url') };
}

function send(res: Response, { status, headers = {}, contentType, body }: AnyResponse): void {
  res.status(status).set(headers);
  if (body instanceof Uint8Array) {
    res.type(contentType ?? 'bin').send(Buffer.from(body.buffer, body.byteOffset, body.byteLength));
  } else if (body === undefined) res.end();
  else res.json(body);
}
