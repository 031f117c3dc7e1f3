import { randomUUID } from 'node:crypto';
import type { RequestHandler } from 'express';
import { runInContext } from '../request-context.ts';

const ACCEPTABLE = /^[\w.-]{1,128}$/;

/**
 * Gives each request its id, in the context, for logs, and in the answer.
 * `accept` takes over the caller's `X-Request-Id`: for services, whose only caller is the gateway.
 */
export function requestIds({ accept }: { accept: boolean }): RequestHandler {
  return (req, res, next) => {
    const given = req.get('x-request-id');
    const requestId = accept && given !== undefined && ACCEPTABLE.test(given) ? given : randomUUID();
    req.headers['x-request-id'] = requestId;
    res.setHeader('X-Request-Id', requestId);
    runInContext({ requestId }, next);
  };
}
