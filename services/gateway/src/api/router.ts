import { readContract } from '@wave-connect/chassis/http/contract.ts';
import { notFound, sendProblem } from '@wave-connect/chassis/http/problem.ts';
import type { Logger } from '@wave-connect/chassis/log.ts';
import { type RequestHandler, Router } from 'express';
import type { GatewayConfig } from '../config.ts';
import { createMethodsOf, FORWARDED_METHODS } from '../domain/contract-methods.ts';
import { SERVICES, type ServiceName, serviceOf } from '../domain/routes.ts';
import { type Admission, admit, admitStranger } from './admit.ts';
import { keepForwardedHeaders } from './forwarded-headers.ts';
import { createRequestProxy } from './proxy.ts';
import { methodNotTaken } from './request-limits.ts';
import { UpstreamError } from './upstream-error.ts';

/** Sends each request that is admitted to the service that its path belongs to. */
export function createRouter(
  config: Pick<GatewayConfig, 'services' | 'upstream' | 'trustProxy'>,
  admission: Admission,
  log: Logger,
): Router {
  const proxies = Object.fromEntries(
    SERVICES.map((service) => [service, createRequestProxy(service, config.services[service], config.upstream)]),
  ) as Record<ServiceName, RequestHandler>;

  const methodsOf = createMethodsOf(readContract().paths);

  const router = Router();
  router.use(async (req, res, next) => {
    const service = serviceOf(req.url);
    const tell = (headers: Record<string, string>) => res.set(headers);
    if (service === undefined) {
      await admitStranger(req, admission, tell);
      return notFound(req, res, next);
    }
    res.locals.route = service;
    if (!FORWARDED_METHODS.includes(req.method)) throw methodNotTaken(methodsOf(req.url));
    await admit(req, admission, { upgrade: false, tell });
    if (req.destroyed) return;
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
