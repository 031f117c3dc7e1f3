import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { RequestHandler } from 'express';
import helmet, { strictTransportSecurity } from 'helmet';
import { schemeOf } from '../proxy/headers.ts';

/** For answers that are no pages: nothing in them may load anything, and nobody may frame them. Pages set their own. */
const onEveryAnswer = helmet({
  contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
  frameguard: { action: 'deny' },
  strictTransportSecurity: false,
});
const overTls = strictTransportSecurity();

export function securityHeaders(trustProxy: boolean): RequestHandler {
  return (req, res, next) => {
    onEveryAnswer(req, res, () => (schemeOf(req, trustProxy) === 'https' ? overTls(req, res, next) : next()));
  };
}

/** The same for answers that are written to a socket as they are. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = collect(onEveryAnswer);

const PLAIN = Object.entries(SECURITY_HEADERS).flat();
const OVER_TLS = [...PLAIN, ...Object.entries(collect(overTls)).flat()];

/** The same as names and values in turn, collected once and not for each answer. Names are in lower case. */
export const rawSecurityHeaders = (req: IncomingMessage, trustProxy: boolean): readonly string[] =>
  schemeOf(req, trustProxy) === 'https' ? OVER_TLS : PLAIN;

function collect(set: (req: IncomingMessage, res: ServerResponse, next: () => void) => void): Record<string, string> {
  const req = new IncomingMessage(new Socket());
  const res = new ServerResponse(req);
  set(req, res, () => {});
  return Object.fromEntries(res.getHeaderNames().map((name) => [name, String(res.getHeader(name))]));
}
