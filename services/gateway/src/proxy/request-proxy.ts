import type { IncomingMessage, ServerResponse } from 'node:http';
import type { CircuitBreaker } from '@wave-connect/chassis/circuit-breaker';
import { UnavailableError } from '@wave-connect/chassis/errors';
import { type Dispatcher, errors, Pool } from 'undici';
import type { GatewayConfig } from '../config.ts';
import { malformed, Refusal } from '../edge/refusal.ts';
import { hasBody } from '../edge/request-limits.ts';
import { Exchange } from './exchange.ts';
import { requestHeaders } from './headers.ts';
import { UpstreamError } from './upstream-error.ts';

export type RequestProxy = {
  /**
   * Forwards a request and its response, with the headers `own`, names and values in turn, beside the service's. The
   * body is the one given, else `req` streams it. Resolves when the response has ended or its client has left.
   * @throws UpstreamError, UnavailableError, Refusal; `res.headersSent` tells whether the response had begun
   */
  forward(req: IncomingMessage, res: ServerResponse, own: readonly string[], body?: Buffer): Promise<void>;
  close(): Promise<void>;
};

/** How long before the end that a service announces for an idle connection the gateway closes it. */
const KEEP_ALIVE_MARGIN_MS = 1_000;
/** For services that announce nothing. */
const KEEP_ALIVE_MS = 4_000;

const TIMEOUTS = [errors.HeadersTimeoutError, errors.BodyTimeoutError, errors.ConnectTimeoutError];

/** Forwards plain requests to one service, each as the only one on its connection at the time. */
export function createRequestProxy(
  service: string,
  target: string,
  { upstream, bodies, trustProxy }: Pick<GatewayConfig, 'upstream' | 'bodies' | 'trustProxy'>,
  breaker: CircuitBreaker,
): RequestProxy {
  const pool = new Pool(target, {
    connections: upstream.maxSockets,
    connectTimeout: Math.min(upstream.connectTimeoutMs, upstream.timeoutMs),
    headersTimeout: upstream.timeoutMs,
    bodyTimeout: upstream.timeoutMs,
    keepAliveTimeout: KEEP_ALIVE_MS,
    keepAliveTimeoutThreshold: KEEP_ALIVE_MARGIN_MS,
    allowH2: false,
  });
  // Else undici would take the name from the Host header, which is the client's.
  const servername = new URL(target).hostname;
  const limits = { stallMs: upstream.timeoutMs, minBytesPerS: bodies.minUploadBytesPerS };

  /** @throws undici's errors */
  function attempt(
    req: IncomingMessage,
    res: ServerResponse,
    own: readonly string[],
    body: IncomingMessage | Buffer | null,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const options = {
        method: req.method as Dispatcher.HttpMethod,
        path: req.url ?? '/',
        headers: requestHeaders(req, trustProxy),
        body,
        servername,
      };
      const events = { onResponse: breaker.succeeded, onEnd: resolve, onError: reject };
      pool.dispatch(options, new Exchange(req, res, { own, limits, events }));
    });
  }

  const forwardOrRetry: RequestProxy['forward'] = async (req, res, own, buffered) => {
    const body = buffered ?? (hasBody(req) ? req : null);
    try {
      await attempt(req, res, own, body);
    } catch (error) {
      if (!isWorthAnotherTry(error, req, res)) throw error;
      await attempt(req, res, own, body);
    }
  };

  /** A request that undici itself refuses to send is the client's fault. */
  function reasonOf(error: unknown): Refusal {
    if (error instanceof Refusal) return error;
    if (error instanceof errors.InvalidArgumentError) return malformed();
    return new UpstreamError(service, isTimeout(error), error);
  }

  return {
    async forward(req, res, own, body) {
      if (!breaker.tryAcquire()) {
        throw new UnavailableError('The service behind this path does not respond right now; please try again.');
      }
      try {
        await forwardOrRetry(req, res, own, body);
      } catch (error) {
        const reason = reasonOf(error);
        if (reason instanceof UpstreamError && !res.closed && !res.headersSent) breaker.failed();
        else breaker.abandoned();
        if (!res.closed) throw reason;
      }
    },
    close: () => pool.close(),
  };
}

const isTimeout = (error: unknown) => TIMEOUTS.some((timeout) => error instanceof timeout);

/**
 * A service may close a kept connection just as a request is sent on it. A request that only reads is then sent once
 * more (RFC 9110, section 9.2.2); any other may have had its effect.
 */
const isWorthAnotherTry = (error: unknown, req: IncomingMessage, res: ServerResponse): boolean =>
  (req.method === 'GET' || req.method === 'HEAD') &&
  !hasBody(req) &&
  !res.headersSent &&
  !res.closed &&
  wasDisconnected(error);

const DISCONNECTED = ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'];

const wasDisconnected = (error: unknown) => DISCONNECTED.includes((error as NodeJS.ErrnoException).code ?? '');
