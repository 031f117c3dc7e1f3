import { notFound, sendProblem } from '@wave-connect/chassis/http/problem.ts';
import type { Logger } from '@wave-connect/chassis/log.ts';
import { type RequestHandler, Router } from 'express';
import type { GatewayConfig } from '../config.ts';
import { SERVICES, type ServiceName, serviceOf } from '../domain/routes.ts';
import type { TokenVerifier } from '../domain/tokens.ts';
import { authenticate } from './authenticate.ts';
import { keepForwardedHeaders } from './forwarded-headers.ts';
import { createRequestProxy } from './proxy.ts';
import { UpstreamError } from './upstream-error.ts';

/** Sends each request with a verified token to the service that its path belongs to. */
export function createRouter(
  config: Pick<GatewayConfig, 'services' | 'upstream' | 'trustProxy'>,
  tokens: TokenVerifier,
  log: Logger,
): Router {
  const proxies = Object.fromEntries(
    SERVICES.map((service) => [service, createRequestProxy(service, config.services[service], config.upstream)]),
  ) as Record<ServiceName, RequestHandler>;

  const router = Router();
  router.use(async (req, res, next) => {
    const service = serviceOf(req.url);
    if (service === undefined) return notFound(req, res, next);
    res.locals.route = service;
    await authenticate(req, tokens);
    keepForwardedHeaders(req, config.trustProxy);
    proxies[service](req, res, (error: unknown) => {
      if (error instanceof UpstreamError && !res.headersSent) {
        log.warn({ err: error }, 'upstream failed');
        sendProblem(res, error.toProblem());
      } else next(error);
    });
  });
  return router;
}
