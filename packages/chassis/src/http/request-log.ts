import { randomUUID } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { CALLER_HEADER } from '@wave-connect/contracts/identity-headers.ts';
import type { RequestHandler } from 'express';
import type { Logger } from '../observability/log.ts';
import { runInContext } from '../observability/request-context.ts';
import { statusOf } from '../observability/response-status.ts';

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

/** Logs each request once its response is out, or its client has aborted it. */
export function requestLog(log: Logger): RequestHandler {
  return (req, res, next) => {
    const begin = performance.now();
    const { path } = req;
    res.once('close', () =>
      logResponse(log, req, { path, status: statusOf(res), durationMs: performance.now() - begin }),
    );
    next();
  };
}

const UUIDS = /[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}/gi;

/**
 * One line per request: at `debug` what went well, at `info` what was refused or aborted by its client, at `warn` what
 * failed. Headers and query strings stay out, for they may hold tokens, and so do ids in the path, for the line would
 * tell who reads or writes to whom.
 */
export function logResponse(
  log: Logger,
  { method, headers }: IncomingMessage,
  { path, status, durationMs }: { path: string; status: number; durationMs: number },
): void {
  const level = status >= 500 ? 'warn' : status >= 400 ? 'info' : 'debug';
  if (!log.isLevelEnabled(level)) return;
  const route = path.replaceAll(UUIDS, '{id}');
  const line = { method, path: route, status, duration_ms: Math.round(durationMs), user_id: headers[CALLER_HEADER] };
  log[level](line, 'request finished');
}
