import {
  healthRouter,
  notFound,
  problemHandler,
  requestIds,
  requestLog,
  type Shedding,
} from '@wave-connect/chassis/http';
import { bareApp } from '@wave-connect/chassis/http/app';
import type { Health, Logger, Metrics } from '@wave-connect/chassis/observability';
import type { Express } from 'express';
import { type Admission, admitAnonymous } from '../admission/admission.ts';
import type { GatewayConfig } from '../config.ts';
import { corsFor } from '../edge/cors.ts';
import { methodNotAllowed, sendRefusals } from '../edge/refusal.ts';
import { limitRequest } from '../edge/request-limits.ts';
import { securityHeaders } from '../edge/security-headers.ts';
import type { Routes } from '../routes.ts';
import { createDocsRouter } from './docs.ts';
import { createWebAppRouter } from './web-app.ts';

type Parts = {
  routes: Routes;
  admission: Admission;
  health: Health;
  shedding: Shedding;
  metrics: Metrics;
  log: Logger;
  /** The folder of the built web app, where it is not the usual one. */
  webApp: string | undefined;
};

/** What the gateway responds to itself: probes, the contract, the web app, and what is no route. */
export function createLocalApp(
  config: Pick<GatewayConfig, 'trustProxy' | 'allowedOrigins'>,
  { routes, admission, health, shedding, metrics, log, webApp }: Parts,
): Express {
  const app = bareApp();
  app.use(requestIds({ accept: false }), securityHeaders(config.trustProxy), healthRouter(health));
  app.use(shedding.limit, requestLog(log), metrics.observeRequests);
  app.use((req, res, next) => {
    limitRequest(req, res);
    next();
  });
  if (config.allowedOrigins.length > 0) app.use(corsFor(config.allowedOrigins));
  app.use(createDocsRouter(), createWebAppRouter(webApp));
  app.use(async (req, res, next) => {
    await admitAnonymous(req, admission, (headers) => res.set(headers));
    const allowed = routes.methodsOf(req.originalUrl);
    if (allowed) throw methodNotAllowed(allowed);
    next();
  });
  app.use(notFound, sendRefusals, problemHandler(log));
  return app;
}
