import express, { type Express, type Response } from 'express';
import type { Health } from '../observability/health.ts';
import type { Logger } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';
import { headAsGet, validateAgainstContract, withoutTrailingSlash } from './contract.ts';
import { healthRouter } from './health-router.ts';
import { requireCaller } from './identity.ts';
import { assertUrlEncoding, jsonBody } from './input.ts';
import { notFound, problemHandler } from './problem.ts';
import { requestIds, requestLog } from './request-log.ts';
import type { ServiceRoutes } from './router.ts';
import type { Shedding } from './shedding.ts';

export type ServiceAppOptions = ServiceRoutes & {
  log: Logger;
  health: Health;
  metrics: Metrics;
  shedding: Shedding;
  validateResponses: boolean;
  /** What other services may ask by GET, by path: below `/internal/`, which the gateway does not route. */
  internal?: Record<string, (query: Record<string, unknown>) => Promise<object>>;
};

/** An express app with what each service does to a request before and after its own routes. */
export function createServiceApp(options: ServiceAppOptions): Express {
  const { prefix, log } = options;
  const app = bareApp();
  app.use(requestIds({ accept: true }));
  app.use(healthRouter(options.health));
  for (const [path, read] of Object.entries(options.internal ?? {})) {
    app.get(path, async (req, res) => void res.set('Cache-Control', 'no-store').json(await read(req.query)));
  }
  app.use(options.shedding.limit);
  app.use(withoutTrailingSlash, requestLog(log), options.metrics.observeRequests, headAsGet);
  app.use(prefix, requireCaller(options.publicPaths), assertUrlEncoding, jsonBody());
  app.use(validateAgainstContract(prefix, options));
  app.use(prefix, options.router);
  app.use(notFound, problemHandler(log));
  return app;
}

/** Express without the defaults that tell or guess too much. The contract's paths are case-sensitive. */
export function bareApp(): Express {
  const app = express().disable('x-powered-by').disable('etag').set('query parser', 'simple');
  app.enable('case sensitive routing');
  app.response.json = writeJson;
  return app;
}

/** In one write with the headers. Express would make a buffer of the text, which goes out behind them. */
function writeJson(this: Response, body: unknown): Response {
  if (!this.hasHeader('Content-Type')) this.setHeader('Content-Type', 'application/json; charset=utf-8');
  return this.end(JSON.stringify(body));
}
