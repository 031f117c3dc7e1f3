import type { RequestHandler } from 'express';
import type { Logger } from '../log.ts';
import { CALLER_HEADER } from './identity.ts';

/**
 * One line per answered request: at `debug` what went well, at `info` what was refused, at `warn` what failed or
 * was broken off. Headers and query strings stay out, for they may hold tokens.
 */
export function requestLog(log: Logger): RequestHandler {
  return (req, res, next) => {
    const begin = performance.now();
    const { method, path } = req;
    res.once('close', () => {
      const status = res.statusCode;
      const finished = res.writableFinished;
      const level = !finished || status >= 500 ? 'warn' : status >= 400 ? 'info' : 'debug';
      const duration_ms = Math.round(performance.now() - begin);
      const line = { method, path, status, duration_ms, user_id: req.headers[CALLER_HEADER] };
      log[level](line, finished ? 'request answered' : 'request broken off');
    });
    next();
  };
}
