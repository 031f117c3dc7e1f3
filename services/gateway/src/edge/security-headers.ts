import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { RequestHandler } from 'express';
import helmet, { strictTransportSecurity } from 'helmet';
import { clientScheme } from './client-address.ts';

/** For responses that are no HTML pages: they may load nothing, and no page may frame them. HTML pages set their own. */
const onEveryResponse = helmet({
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  frameguard: { action: 'deny' },
  strictTransportSecurity: false,
});
const overTls = strictTransportSecurity();

export function securityHeaders(trustProxy: boolean): RequestHandler {
  return (req, res, next) => {
    onEveryResponse(req, res, () => (clientScheme(req, trustProxy) === 'https' ? overTls(req, res, next) : next()));
  };
}

/** The same for responses that are written to a socket as they are. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = collect(onEveryResponse);

const PLAIN = Object.entries(SECURITY_HEADERS).flat();
const OVER_TLS = [...PLAIN, ...Object.entries(collect(overTls)).flat()];

/** The same as names and values in turn, collected once and not for each response. Names are in lower case. */
export const rawSecurityHeaders = (req: IncomingMessage, trustProxy: boolean): readonly string[] =>
  clientScheme(req, trustProxy) === 'https' ? OVER_TLS : PLAIN;

function collect(set: (req: IncomingMessage, res: ServerResponse, next: () => void) => void): Record<string, string> {
  const req = new IncomingMessage(new Socket());
  const res = new ServerResponse(req);
  set(req, res, () => {});
  return Object.fromEntries(res.getHeaderNames().map((name) => [name, String(res.getHeader(name))]));
}
