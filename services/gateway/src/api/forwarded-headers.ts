import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import { CALLER_HEADER } from '@wave-connect/chassis/http/identity.ts';

/** What services get to see. Everything else, tokens and cookies included, ends at the gateway. */
const PLAIN = [
  'accept',
  'accept-language',
  'content-encoding',
  'content-length',
  'content-type',
  'host',
  'if-none-match',
  'transfer-encoding',
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
 * Reduces a request's headers to those that are forwarded, and says by which way it came in: as the proxy in
 * front says where that is to be trusted, else as the connection itself shows.
 */
export function keepForwardedHeaders(
  req: IncomingMessage,
  trustProxy: boolean,
  { upgrade } = { upgrade: false },
): void {
  const kept: IncomingHttpHeaders = {};
  for (const name of upgrade ? UPGRADE : PLAIN) {
    if (req.headers[name] !== undefined) kept[name] = req.headers[name];
  }
  const { traceparent } = req.headers;
  if (typeof traceparent === 'string' && TRACE_PARENT.test(traceparent)) kept.traceparent = traceparent;
  const before = trustProxy ? req.headers['x-forwarded-for'] : undefined;
  const client = req.socket.remoteAddress ?? '';
  kept['x-forwarded-for'] = before === undefined ? client : `${before}, ${client}`;
  kept['x-forwarded-proto'] = schemeOf(req, trustProxy);
  req.headers = kept;
}

/** `https` or `http`, by which the client came. */
export function schemeOf(req: IncomingMessage, trustProxy: boolean): string {
  const said = trustProxy ? req.headers['x-forwarded-proto'] : undefined;
  return said === undefined ? ((req.socket as TLSSocket).encrypted ? 'https' : 'http') : String(said);
}
