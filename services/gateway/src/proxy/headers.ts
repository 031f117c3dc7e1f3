import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { CALLER_HEADER, CLIENT_ADDRESS_HEADER, SESSION_HEADER } from '@wave-connect/contracts/identity-headers.ts';
import { clientScheme } from '../edge/client-address.ts';

/** What services get to see. Everything else, access tokens and other cookies than `authenticate` leaves included, ends at the gateway. */
const REQUEST = [
  'accept',
  'accept-language',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'host',
  'idempotency-key',
  'if-none-match',
  'user-agent',
  'x-request-id',
  CALLER_HEADER,
  CLIENT_ADDRESS_HEADER,
  SESSION_HEADER,
];

/** RFC 6455, section 4.2.1; extensions are left out, so frames pass as they are. */
const UPGRADE_REQUEST = [
  ...REQUEST,
  'connection',
  'upgrade',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
];

/** What clients get to see of a service's response. Everything else, such as what the service runs on, ends here. */
const RESPONSE = [
  'allow',
  'authorization',
  'cache-control',
  'clear-site-data',
  'content-disposition',
  'content-encoding',
  'content-language',
  'content-length',
  'content-security-policy',
  'content-type',
  'cross-origin-resource-policy',
  'etag',
  'idempotency-replayed',
  'last-modified',
  'location',
  'retry-after',
  'set-cookie',
  'upgrade',
  'www-authenticate',
  'x-content-type-options',
];

/** RFC 6455, section 4.2.2, or a refusal. */
const UPGRADE_RESPONSE = [
  ...RESPONSE,
  'transfer-encoding',
  'connection',
  'sec-websocket-accept',
  'sec-websocket-protocol',
  'sec-websocket-version',
];

const PASSED_TO_CLIENT = new Set(RESPONSE);

/** W3C Trace Context, section 3.2: version 00, ids that are not all zeros. */
const TRACE_PARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * The headers of a request that are forwarded, names and values in turn, and how it came in: as the proxy in front says
 * where that is trusted, else as the connection itself shows. How its body is framed is not among them.
 */
export function requestHeaders(req: IncomingMessage, trustProxy: boolean, { upgrade } = { upgrade: false }): string[] {
  const kept: string[] = [];
  for (const name of upgrade ? UPGRADE_REQUEST : REQUEST) {
    const value = req.headers[name];
    if (value !== undefined) kept.push(name, String(value));
  }
  const { traceparent } = req.headers;
  if (typeof traceparent === 'string' && TRACE_PARENT.test(traceparent)) kept.push('traceparent', traceparent);
  const before = trustProxy ? req.headers['x-forwarded-for'] : undefined;
  const client = req.socket.remoteAddress ?? '';
  kept.push('x-forwarded-for', before === undefined ? client : `${before}, ${client}`);
  kept.push('x-forwarded-proto', clientScheme(req, trustProxy));
  return kept;
}

/** Reduces an upgrade's headers to those. */
export function reduceUpgradeRequest(req: IncomingMessage, trustProxy: boolean): void {
  const kept = requestHeaders(req, trustProxy, { upgrade: true });
  req.headers = {};
  for (let at = 0; at < kept.length; at += 2) req.headers[kept[at] ?? ''] = kept[at + 1];
}

/**
 * The headers of a response, names in lower case and values in turn: `own`, and those of the service's that pass, which
 * count where both name one. What concerns the client's connection is the gateway's to say.
 */
export function responseHeaders(own: readonly string[], theirs: IncomingHttpHeaders, res: ServerResponse): string[] {
  const headers = passedToClient(theirs);
  for (let at = 0; at < own.length; at += 2) {
    const name = own[at] as string;
    if (!PASSED_TO_CLIENT.has(name) || theirs[name] === undefined) headers.push(name, own[at + 1] as string);
  }
  const vary = [res.getHeader('vary'), theirs.vary].filter((value) => value !== undefined);
  if (vary.length > 0) headers.push('vary', vary.join(', '));
  headers.push('connection', res.shouldKeepAlive && res.req.complete ? 'keep-alive' : 'close');
  return headers;
}

function passedToClient(theirs: IncomingHttpHeaders): string[] {
  const headers: string[] = [];
  for (const [name, value] of Object.entries(theirs)) {
    if (!PASSED_TO_CLIENT.has(name)) continue;
    if (typeof value === 'string') headers.push(name, value);
    else for (const each of value ?? []) headers.push(name, each);
  }
  return headers;
}

/** Reduces the headers of a service's response to an upgrade to those that pass. */
export function reduceUpgradeResponse(response: IncomingMessage): void {
  const { headers } = response;
  const kept = UPGRADE_RESPONSE.filter((name) => headers[name] !== undefined);
  response.headers = Object.fromEntries(kept.map((name) => [name, headers[name]]));
}
