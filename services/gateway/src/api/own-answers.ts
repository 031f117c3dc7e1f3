import { healthRouter, notFound, problemHandler, requestIds, requestLog, type Shedding } from '@wave-connect/chassis/http';
import { bareApp } from '@wave-connect/chassis/http/app';
import type { Health, Logger, Metrics } from '@wave-connect/chassis/observability';
import type { Express } from 'express';
import type { GatewayConfig } from '../config.ts';
import { createPageRouter } from '../page/router.ts';
import { type Admission, admitStranger } from './admit.ts';
import { corsFor } from './cors.ts';
import { createLogOut } from './log-out.ts';
import { createPages } from './pages.ts';
import { answerRefusals } from './refusal.ts';
import { limitRequest } from './request-limits.ts';
import { securityHeaders } from './security-headers.ts';

type Parts = {
  admission: Admission;
  health: Health;
  shedding: Shedding;
  metrics: Metrics;
  log: Logger;
  /** The folder that the page has been built to, where it is not the usual one. */
  page: string | undefined;
};

/** What the gateway answers itself: probes, the contract, pages, signing out, and whatever belongs to no service. */
export function createOwnAnswers(
  config: Pick<GatewayConfig, 'trustProxy' | 'allowedOrigins'>,
  { admission, health, shedding, metrics, log, page }: Parts,
): Express {
  const app = bareApp();
  app.use(requestIds({ accept: false }), securityHeaders(config.trustProxy), healthRouter(health));
  app.use(shedding.limit, requestLog(log), metrics.observeRequests);
  app.use((req, res, next) => {
    limitRequest(req, res);
    next();
  });
  if (config.allowedOrigins.length > 0) app.use(corsFor(config.allowedOrigins));
  app.use(createPages(), createPageRouter(page), createLogOut(admission, config.trustProxy));
  app.use(async (req, res, next) => {
    await admitStranger(req, admission, (headers) => res.set(headers));
    next();
  });
  app.use(notFound, answerRefusals, problemHandler(log));
  return app;
}
