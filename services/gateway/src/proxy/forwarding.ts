import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { logResponse, type Shedding, sendProblem } from '@wave-connect/chassis/http';
import {
  type Logger,
  type Metrics,
  type RequestContext,
  runInContext,
  statusOf,
} from '@wave-connect/chassis/observability';
import { CLEAR_SITE_DATA } from '@wave-connect/contracts/token-profile.ts';
import { type Admission, admit } from '../admission/admission.ts';
import type { GatewayConfig } from '../config.ts';
import type { BodyBuffer } from '../edge/body-buffer.ts';
import { corsFor } from '../edge/cors.ts';
import { problemOf } from '../edge/refusal.ts';
import { hasBody, limitRequest } from '../edge/request-limits.ts';
import { rawSecurityHeaders } from '../edge/security-headers.ts';
import type { Route } from '../routes.ts';
import { clearedCookies, isDoneWithoutAuth } from './sign-out.ts';
import { UpstreamError } from './upstream-error.ts';
import type { Upstreams } from './upstreams.ts';

type Parts = {
  admission: Admission;
  bodies: BodyBuffer;
  upstreams: Upstreams;
  shedding: Shedding;
  metrics: Metrics;
  log: Logger;
};

/** A request to a service. `own` are the gateway's headers of the response, names and values in turn. */
type Call = {
  req: IncomingMessage;
  res: ServerResponse;
  route: Route;
  context: RequestContext;
  own: string[];
  /** Of a response that has begun and that the gateway cannot bring to its end. */
  failed?: number;
};

/** Responses are a person's own, so no cache keeps one unless its service says how. */
const UNCACHED = ['cache-control', 'no-store'];

export type Forward = (req: IncomingMessage, res: ServerResponse, route: Route) => void;

/**
 * Forwards each request that is admitted to the service of its route. The checks are called one after the
 * other, without Express, which would cost as much as all of them.
 */
export function createForwarding(
  config: Pick<GatewayConfig, 'trustProxy' | 'allowedOrigins'>,
  { admission, bodies, upstreams, shedding, metrics, log }: Parts,
): Forward {
  const cors = config.allowedOrigins.length > 0 ? corsFor(config.allowedOrigins) : undefined;

  /** Counts the request, or refuses it before anything is spent on it. */
  function take(call: Call): void {
    let leave: () => void;
    try {
      upstreams.to[call.route.service].concurrency.assertRoom();
      leave = shedding.hold();
    } catch (error) {
      sendError(call, error);
      return;
    }
    const begin = performance.now();
    call.res.once('close', leave);
    call.res.once('close', () => observe(call, performance.now() - begin));
    handle(call, leave).catch((error) => fail(call, error));
  }

  async function handle(call: Call, leave: () => void): Promise<void> {
    const { req, res, route, own } = call;
    limitRequest(req, res);
    cors?.(req as Parameters<typeof cors>[0], res as Parameters<typeof cors>[1], () => {});
    const caller = await admit(req, route, admission, (headers) => own.push(...Object.entries(headers).flat()));
    if (route.signsOut) own.push(...clearedCookies(req, config.trustProxy));
    if (res.closed) return;
    res.once('close', admission.concurrency.enterRequest(caller));
    const body = hasBody(req) ? await receiveBody(call, caller, leave) : undefined;
    if (!res.closed) await upstreams.to[route.service].forward(req, res, own, body);
  }

  /** Without a place meanwhile: how long a body takes is up to the client. Undefined for an upload, which streams. */
  async function receiveBody({ req, res }: Call, caller: string, leave: () => void): Promise<Buffer | undefined> {
    leave();
    const body = await bodies.read(req, res);
    if (res.closed) return undefined;
    res.once('close', shedding.hold());
    if (body === undefined) res.once('close', admission.concurrency.enterUpload(caller));
    return body;
  }

  function fail(call: Call, error: unknown): void {
    if (error instanceof UpstreamError) log.warn({ err: error }, 'upstream failed');
    else if (problemOf(error).status === 500) log.error({ err: error }, 'request failed');
    if (call.res.headersSent) {
      call.failed = problemOf(error).status;
      call.res.destroy();
    } else if (call.route.signsOut && problemOf(error).status >= 502 && isDoneWithoutAuth(call.req)) sendDone(call);
    else sendError(call, error);
  }

  function sendDone({ res, own }: Call): void {
    setHeaders(res, own);
    res.writeHead(204, { 'Clear-Site-Data': CLEAR_SITE_DATA }).end();
  }

  function sendError({ res, own }: Call, error: unknown): void {
    setHeaders(res, own);
    sendProblem(res, problemOf(error));
  }

  function observe({ req, res, route, context, failed }: Call, durationMs: number): void {
    const { method = '', url = '' } = req;
    const status = failed ?? statusOf(res);
    metrics.observeRequest({ method, route: route.service, status: String(status) }, durationMs);
    const [path = ''] = url.split('?', 1);
    runInContext(context, () => logResponse(log, req, { path, status, durationMs }));
  }

  return (req, res, route) => {
    const requestId = randomUUID();
    req.headers['x-request-id'] = requestId;
    const own = ['x-request-id', requestId, ...UNCACHED, ...rawSecurityHeaders(req, config.trustProxy)];
    const context = { requestId };
    runInContext(context, () => take({ req, res, route, context, own }));
  };
}

function setHeaders(res: ServerResponse, headers: readonly string[]): void {
  for (let at = 0; at < headers.length; at += 2) {
    const [name = '', value = ''] = headers.slice(at, at + 2);
    if (name === 'set-cookie') res.appendHeader(name, value);
    else res.setHeader(name, value);
  }
}
