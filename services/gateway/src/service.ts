import { Health } from '@wave-connect/chassis/health.ts';
import { bareApp } from '@wave-connect/chassis/http/app.ts';
import { healthRouter } from '@wave-connect/chassis/http/health-router.ts';
import { notFound, problemHandler } from '@wave-connect/chassis/http/problem.ts';
import { requestIds } from '@wave-connect/chassis/http/request-id.ts';
import { requestLog } from '@wave-connect/chassis/http/request-log.ts';
import { createHttpServer } from '@wave-connect/chassis/http/server.ts';
import { createLogger, type Logger } from '@wave-connect/chassis/log.ts';
import { Metrics } from '@wave-connect/chassis/metrics.ts';
import { createService, type Service } from '@wave-connect/chassis/service/service.ts';
import { createPages } from './api/pages.ts';
import { createRouter } from './api/router.ts';
import { forwardUpgrades } from './api/upgrades.ts';
import type { GatewayConfig } from './config.ts';
import { createTokenVerifier } from './domain/tokens.ts';

export function createGateway(config: GatewayConfig, overrides: { log?: Logger } = {}): Service {
  const log = overrides.log ?? createLogger('gateway', config.logLevel);
  const metrics = new Metrics('gateway');
  const health = new Health(log);
  const tokens = createTokenVerifier(config.secrets.jwtSecret, config.tokenCacheSize);

  const app = bareApp();
  app.use(requestIds({ accept: false }), healthRouter(health), requestLog(log), metrics.observeRequests);
  app.use(createPages());
  app.use(createRouter(config, tokens, log));
  app.use(notFound, problemHandler(log));

  const http = createHttpServer(app, config);
  const upgrades = forwardUpgrades(http.server, config, { tokens, log });
  return createService({ config, log, health, metrics, http, sockets: [upgrades] });
}
