import { createShedding } from '@wave-connect/chassis/http';
import { createLogger, Health, type Logger, Metrics } from '@wave-connect/chassis/observability';
import { createService, type Service } from '@wave-connect/chassis/service';
import type { Admission } from './api/admit.ts';
import { createEdgeServer } from './api/edge-server.ts';
import { createForwarding } from './api/forwarding.ts';
import { createOwnAnswers } from './api/own-answers.ts';
import { forwardUpgrades } from './api/upgrades.ts';
import { createUpstreams } from './api/upstreams.ts';
import type { GatewayConfig } from './config.ts';
import { createRateLimits } from './domain/rate-limits.ts';
import { serviceOf } from './domain/routes.ts';
import { createTokenVerifier } from './domain/tokens.ts';
import { createSharedCounts } from './repository/shared-counts.ts';

export function createGateway(config: GatewayConfig, overrides: { log?: Logger; page?: string } = {}): Service {
  const log = overrides.log ?? createLogger('gateway', config.logLevel);
  const metrics = new Metrics('gateway');
  const health = new Health(log);
  const shedding = createShedding(config.overload, { log, metrics });
  const { rateLimitStore } = config.secrets;
  const sharedCounts = rateLimitStore === undefined ? undefined : createSharedCounts(rateLimitStore, { log, metrics });
  const admission: Admission = {
    tokens: createTokenVerifier(config.secrets, config.tokenCacheSize, log),
    limits: createRateLimits(config.rateLimit, sharedCounts?.createCounter),
    trust: config,
  };
  const upstreams = createUpstreams(config, { log, metrics });
  const forward = createForwarding(config, { admission, upstreams, shedding, metrics, log });
  const answer = createOwnAnswers(config, { admission, health, shedding, metrics, log, page: overrides.page });

  const http = createEdgeServer(
    (req, res) => {
      const service = serviceOf(req.url ?? '');
      if (service === undefined) answer(req, res);
      else forward(req, res, service);
    },
    config,
    log,
  );
  const upgrades = forwardUpgrades(http.server, config, { admission, shedding, log });
  return createService({
    config,
    log,
    health,
    metrics,
    shedding,
    http,
    parts: sharedCounts ? [sharedCounts, upstreams] : [upstreams],
    sockets: [upgrades],
  });
}
