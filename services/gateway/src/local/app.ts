import type { Health } from '@wave-connect/chassis/health.ts';
import { bareApp } from '@wave-connect/chassis/http/app.ts';
import { healthRouter } from '@wave-connect/chassis/http/health-router.ts';
import { notFound, problemHandler } from '@wave-connect/chassis/http/problem.ts';
import { requestIds } from '@wave-connect/chassis/http/request-id.ts';
import { requestLog } from '@wave-connect/chassis/http/request-log.ts';
import type { Shedding } from '@wave-connect/chassis/http/shedding.ts';
import type { Logger } from '@wave-connect/chassis/log.ts';
import type { Metrics } from '@wave-connect/chassis/metrics.ts';
import type { Express } from 'express';
import { type Admission, admitStranger } from '../admission/admission.ts';
import type { GatewayConfig } from '../config.ts';
import { corsFor } from '../edge/cors.ts';
import { answerRefusals } from '../edge/refusal.ts';
import { limitRequest } from '../edge/request-limits.ts';
import { securityHeaders } from '../edge/security-headers.ts';
import { createLogOut } from './log-out.ts';
import { createPages } from './pages.ts';
import { createPageRouter } from './web-app.ts';

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
