import { Health } from '@wave-connect/chassis/health.ts';
import { bareApp } from '@wave-connect/chassis/http/app.ts';
import { healthRouter } from '@wave-connect/chassis/http/health-router.ts';
import { notFound, problemHandler } from '@wave-connect/chassis/http/problem.ts';
import { requestIds } from '@wave-connect/chassis/http/request-id.ts';
import { requestLog } from '@wave-connect/chassis/http/request-log.ts';
import { createShedding } from '@wave-connect/chassis/http/shedding.ts';
import { createLogger, type Logger } from '@wave-connect/chassis/log.ts';
import { Metrics } from '@wave-connect/chassis/metrics.ts';
import { createService, type Service } from '@wave-connect/chassis/service/service.ts';
import type { Admission } from './api/admit.ts';
import { corsFor } from './api/cors.ts';
import { createEdgeServer } from './api/edge-server.ts';
import { createPages } from './api/pages.ts';
import { answerRefusals } from './api/refusal.ts';
import { limitRequests } from './api/request-limits.ts';
import { createRouter } from './api/router.ts';
import { securityHeaders } from './api/security-headers.ts';
import { limitPerService } from './api/service-limit.ts';
import { forwardUpgrades } from './api/upgrades.ts';
import type { GatewayConfig } from './config.ts';
import { createRateLimits } from './domain/rate-limits.ts';
import { createTokenVerifier } from './domain/tokens.ts';

export function createGateway(config: GatewayConfig, overrides: { log?: Logger } = {}): Service {
  const log = overrides.log ?? createLogger('gateway', config.logLevel);
  const metrics = new Metrics('gateway');
  const health = new Health(log);
  const shedding = createShedding(config.overload, { log, metrics });
  const admission: Admission = {
    tokens: createTokenVerifier(config.secrets.jwtSecrets, config.tokenCacheSize),
    limits: createRateLimits(config.rateLimit),
    trust: config,
  };

  const app = bareApp();
  app.use(requestIds({ accept: false }), securityHeaders(config.trustProxy), healthRouter(health));
  app.use(shedding.limit, limitPerService(config.upstream, shedding));
  app.use(requestLog(log), metrics.observeRequests, limitRequests);
  if (config.allowedOrigins.length > 0) app.use(corsFor(config.allowedOrigins));
  app.use(createPages());
  app.use(createRouter(config, admission, log));
  app.use(notFound, answerRefusals, problemHandler(log));

  const http = createEdgeServer(app, config, log);
  const upgrades = forwardUpgrades(http.server, config, { admission, shedding, log });
  return createService({ config, log, health, metrics, shedding, http, sockets: [upgrades] });
}
