import { Health } from '@wave-connect/chassis/health.ts';
import { createShedding } from '@wave-connect/chassis/http/shedding.ts';
import { createLogger, type Logger } from '@wave-connect/chassis/log.ts';
import { Metrics } from '@wave-connect/chassis/metrics.ts';
import { createService, type Service } from '@wave-connect/chassis/service/service.ts';
import type { Admission } from './admission/admission.ts';
import { createRateLimits } from './admission/rate-limits.ts';
import { createSharedCounts } from './admission/shared-counts.ts';
import { createTokenVerifier } from './admission/tokens.ts';
import type { GatewayConfig } from './config.ts';
import { createEdgeServer } from './edge/server.ts';
import { createOwnAnswers } from './local/app.ts';
import { createForwarding } from './proxy/forwarding.ts';
import { createUpstreams } from './proxy/upstreams.ts';
import { serviceOf } from './routes.ts';
import { forwardUpgrades } from './websocket/upgrades.ts';

export function createGateway(config: GatewayConfig, overrides: { log?: Logger; page?: string } = {}): Service {
  const log = overrides.log ?? createLogger('gateway', config.logLevel);
  const metrics = new Metrics('gateway');
  const health = new Health(log);
  const shedding = createShedding(config.overload, { log, metrics });
  const { rateLimitStore } = config.secrets;
  const sharedCounts = rateLimitStore === undefined ? undefined : createSharedCounts(rateLimitStore, { log, metrics });
  const admission: Admission = {
    tokens: createTokenVerifier(config.secrets.jwtSecrets, config.tokenCacheSize),
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
