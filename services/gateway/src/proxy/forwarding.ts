import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { logResponse, type Shedding, sendProblem } from '@wave-connect/chassis/http';
import { readContract } from '@wave-connect/chassis/http/app';
import { type Logger, type Metrics, type RequestContext, runInContext } from '@wave-connect/chassis/observability';
import { type Admission, admit } from '../admission/admission.ts';
import type { GatewayConfig } from '../config.ts';
import { corsFor } from '../edge/cors.ts';
import { methodNotAllowed, problemOf } from '../edge/refusal.ts';
import { limitRequest } from '../edge/request-limits.ts';
import { rawSecurityHeaders } from '../edge/security-headers.ts';
import { createMethodsOf, FORWARDED_METHODS, type ServiceName } from '../routes.ts';
import { UpstreamError } from './upstream-error.ts';
import type { Upstreams } from './upstreams.ts';

type Parts = { admission: Admission; upstreams: Upstreams; shedding: Shedding; metrics: Metrics; log: Logger };

/** A request to a service. `own` are the gateway's headers of the response, names and values in turn. */
type Call = {
  req: IncomingMessage;
  res: ServerResponse;
  service: ServiceName;
  context: RequestContext;
  own: string[];
};

export type Forward = (req: IncomingMessage, res: ServerResponse, service: ServiceName) => void;

/**
 * Forwards each request that is admitted to the service that its path belongs to. The checks are called one after the
 * other, without Express, which would cost as much as all of them.
 */
export function createForwarding(
  config: Pick<GatewayConfig, 'trustProxy' | 'allowedOrigins'>,
  { admission, upstreams, shedding, metrics, log }: Parts,
): Forward {
  const methodsOf = createMethodsOf(readContract().paths);
  const cors = config.allowedOrigins.length > 0 ? corsFor(config.allowedOrigins) : undefined;

  /** Counts the request, or refuses it before anything is spent on it. */
  function take(call: Call): void {
    const { res, service } = call;
    try {
      shedding.enter();
      res.once('close', shedding.leave);
      upstreams.to[service].concurrency.enter();
    } catch (error) {
      sendError(call, error);
      return;
    }
    const begin = performance.now();
    res.once('close', () => observe(call, performance.now() - begin));
    handle(call).catch((error) => fail(call, error));
  }

  async function handle(call: Call): Promise<void> {
    const { req, res, service, own } = call;
    try {
      limitRequest(req, res);
      if (cors && respondsToPreflight(call)) return;
      if (!FORWARDED_METHODS.includes(req.method ?? '')) throw methodNotAllowed(methodsOf(req.url ?? ''));
      await admit(req, admission, { upgrade: false, tell: (headers) => own.push(...Object.entries(headers).flat()) });
      if (!req.destroyed) await upstreams.to[service].forward(req, res, own);
    } finally {
      upstreams.to[service].concurrency.leave();
    }
  }

  function respondsToPreflight({ req, res, own }: Call): boolean {
    let passed = false;
    setHeaders(res, own);
    cors?.(req as Parameters<typeof cors>[0], res as Parameters<typeof cors>[1], () => {
      passed = true;
    });
    return !passed;
  }

  function fail(call: Call, error: unknown): void {
    if (error instanceof UpstreamError) log.warn({ err: error }, 'upstream failed');
    else if (problemOf(error).status === 500) log.error({ err: error }, 'request failed');
    if (call.res.headersSent) call.res.destroy();
    else sendError(call, error);
  }

  function sendError({ res, own }: Call, error: unknown): void {
    setHeaders(res, own);
    sendProblem(res, problemOf(error));
  }

  function observe({ req, res, service, context }: Call, durationMs: number): void {
    const { method = '', url = '' } = req;
    metrics.observeRequest({ method, route: service, status: String(res.statusCode) }, durationMs);
    const [path = ''] = url.split('?', 1);
    runInContext(context, () => logResponse(log, req, res, { path, durationMs }));
  }

  return (req, res, service) => {
    const requestId = randomUUID();
    req.headers['x-request-id'] = requestId;
    const own = ['x-request-id', requestId, ...rawSecurityHeaders(req, config.trustProxy)];
    const context = { requestId };
    runInContext(context, () => take({ req, res, service, context, own }));
  };
}

function setHeaders(res: ServerResponse, headers: readonly string[]): void {
  for (let at = 0; at < headers.length; at += 2) res.setHeader(headers[at] ?? '', headers[at + 1] ?? '');
}
