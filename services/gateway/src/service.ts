import { createShedding } from '@wave-connect/chassis/http';
import { readContract } from '@wave-connect/chassis/http/app';
import { createLogger, createSecurityEvents, Health, type Logger, Metrics } from '@wave-connect/chassis/observability';
import { followRevocations, type Revocations } from '@wave-connect/chassis/revocations';
import { createService, type Service } from '@wave-connect/chassis/service';
import { operationsOf } from '@wave-connect/contracts/openapi.ts';
import type { Admission } from './admission/admission.ts';
import { createCallerConcurrency } from './admission/concurrency.ts';
import { createRateLimits } from './admission/rate-limits.ts';
import { createSharedCounts } from './admission/shared-counts.ts';
import { createTokenVerifier } from './admission/tokens.ts';
import type { GatewayConfig } from './config.ts';
import { createBodyBuffer } from './edge/body-buffer.ts';
import { createEdgeServer } from './edge/server.ts';
import { createLocalApp } from './local/app.ts';
import { createForwarding } from './proxy/forwarding.ts';
import { createUpstreams } from './proxy/upstreams.ts';
import { createRoutes } from './routes.ts';
import { forwardUpgrades } from './websocket/upgrades.ts';
import { metricsPartOf, sharesPort } from './workers.ts';

/** What tests put in place of the usual parts. */
type Overrides = { log?: Logger; webApp?: string; revocations?: Pick<Revocations, 'isRevoked'> };

export function createGateway(config: GatewayConfig, overrides: Overrides = {}): Service {
  const log = overrides.log ?? createLogger('gateway', config.logLevel);
  const metrics = new Metrics('gateway');
  const health = new Health(log);
  const shedding = createShedding(config.overload, { log, metrics });
  const { rateLimitStore } = config.secrets;
  const sharedCounts = rateLimitStore === undefined ? undefined : createSharedCounts(rateLimitStore, { log, metrics });
  const revocations = followRevocations(config.services.auth, { log, metrics });
  const admission: Admission = {
    tokens: createTokenVerifier(config.secrets, config.tokenCacheSize, log),
    limits: createRateLimits(config.rateLimit, sharedCounts?.createCounter),
    concurrency: createCallerConcurrency(config.concurrency, { shedding, metrics }),
    trust: config,
    events: createSecurityEvents({ log, metrics }),
    revocations: overrides.revocations ?? revocations,
  };
  const routes = createRoutes(operationsOf(readContract()));
  const upstreams = createUpstreams(config, { shedding, log, metrics });
  const bodies = createBodyBuffer(config.bodies, { shedding, metrics });
  const forward = createForwarding(config, { admission, bodies, upstreams, shedding, metrics, log });
  const local = createLocalApp(config, { routes, admission, health, shedding, metrics, log, webApp: overrides.webApp });

  const http = createEdgeServer(
    (req, res) => {
      const route = routes.find(req.method, req.url);
      if (route === undefined) local(req, res);
      else forward(req, res, route);
    },
    { ...config, reusePort: sharesPort },
    { log, metrics },
  );
  const upgrades = forwardUpgrades(http.server, config, { routes, admission, upstreams, shedding, metrics, log });
  return createService({
    config,
    log,
    health,
    metrics,
    metricsPart: metricsPartOf(metrics),
    shedding,
    http,
    parts: [...(sharedCounts ? [sharedCounts] : []), ...(overrides.revocations ? [] : [revocations.part]), upstreams],
    sockets: [upgrades],
  });
}
