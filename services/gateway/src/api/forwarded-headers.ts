import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { CALLER_HEADER } from '@wave-connect/contracts/identity-headers.ts';

/** What services get to see. Everything else, tokens and cookies included, ends at the gateway. */
const PLAIN = [
  'accept',
  'accept-language',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
  'if-none-match',
  'user-agent',
  'x-request-id',
  CALLER_HEADER,
];

/** W3C Trace Context, section 3.2: version 00, ids that are not all zeros. */
const TRACE_PARENT = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/** RFC 6455, section 4.2.1; extensions are left out, so frames pass as they are. */
const UPGRADE = [
  ...PLAIN,
  'connection',
  'upgrade',
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
];

/**
 * The headers of a request that are forwarded, names and values in turn, and by which way it came in: as the proxy in
 * front says where that is to be trusted, else as the connection itself shows. How its body is framed is not among them.
 */
export function forwardedHeaders(
  req: IncomingMessage,
  trustProxy: boolean,
  { upgrade } = { upgrade: false },
): string[] {
  const kept: string[] = [];
  for (const name of upgrade ? UPGRADE : PLAIN) {
    const value = req.headers[name];
    if (value !== undefined) kept.push(name, String(value));
  }
  const { traceparent } = req.headers;
  if (typeof traceparent === 'string' && TRACE_PARENT.test(traceparent)) kept.push('traceparent', traceparent);
  const before = trustProxy ? req.headers['x-forwarded-for'] : undefined;
  const client = req.socket.remoteAddress ?? '';
  kept.push('x-forwarded-for', before === undefined ? client : `${before}, ${client}`);
  kept.push('x-forwarded-proto', schemeOf(req, trustProxy));
  return kept;
}

/** Reduces an upgrade's headers to those. */
export function keepForwardedHeaders(req: IncomingMessage, trustProxy: boolean): void {
  const kept = forwardedHeaders(req, trustProxy, { upgrade: true });
  req.headers = {};
  for (let at = 0; at < kept.length; at += 2) req.headers[kept[at] ?? ''] = kept[at + 1];
}

/** `https` or `http`, by which the client came. */
export function schemeOf(req: IncomingMessage, trustProxy: boolean): string {
  const said = trustProxy ? req.headers['x-forwarded-proto'] : undefined;
  return said === undefined ? ((req.socket as TLSSocket).encrypted ? 'https' : 'http') : String(said);
}
