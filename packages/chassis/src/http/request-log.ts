import type { IncomingMessage, ServerResponse } from 'node:http';
import { CALLER_HEADER } from '@wave-connect/contracts/identity-headers.ts';
import type { RequestHandler } from 'express';
import type { Logger } from '../observability/log.ts';

/** Logs each request once its response is out, or broken off. */
export function requestLog(log: Logger): RequestHandler {
  return (req, res, next) => {
    const begin = performance.now();
    const { path } = req;
    res.once('close', () => logResponse(log, req, res, { path, durationMs: performance.now() - begin }));
    next();
  };
}

/**
 * One line per request: at `debug` what went well, at `info` what was refused, at `warn` what failed or
 * was broken off. Headers and query strings stay out, for they may hold tokens.
 */
export function logResponse(
  log: Logger,
  { method, headers }: IncomingMessage,
  { statusCode: status, writableFinished: finished }: Pick<ServerResponse, 'statusCode' | 'writableFinished'>,
  { path, durationMs }: { path: string; durationMs: number },
): void {
  const level = !finished || status >= 500 ? 'warn' : status >= 400 ? 'info' : 'debug';
  if (!log.isLevelEnabled(level)) return;
  const line = { method, path, status, duration_ms: Math.round(durationMs), user_id: headers[CALLER_HEADER] };
  log[level](line, finished ? 'request finished' : 'request broken off');
}
