import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import type { RequestHandler } from 'express';
import { runInContext } from '../observability/request-context.ts';

const ACCEPTABLE = /^[\w.-]{1,128}$/;

/**
 * Gives each request its id, in the context, for logs, and in the response.
 * `accept` takes over the caller's `X-Request-Id`: for services, whose only caller is the gateway.
 */
export function requestIds({ accept }: { accept: boolean }): RequestHandler {
  return (req, res, next) => {
    const requestId = requestIdOf(req.headers, { accept });
    req.headers['x-request-id'] = requestId;
    res.setHeader('X-Request-Id', requestId);
    runInContext({ requestId }, next);
  };
}

/** The id that a request has or, where it has none that can be taken over, a new one. */
export function requestIdOf(headers: IncomingHttpHeaders, { accept }: { accept: boolean }): string {
  const given = headers['x-request-id'];
  return accept && typeof given === 'string' && ACCEPTABLE.test(given) ? given : randomUUID();
}
