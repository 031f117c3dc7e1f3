import cors from 'cors';
import type { RequestHandler } from 'express';
import { FORWARDED_METHODS } from '../routes.ts';

/** Seconds for which a browser may cache a preflight's response. */
const PREFLIGHT_MAX_AGE_S = 600;

/** Lets scripts of just these origins read responses, and responds to preflights. */
export function corsFor(allowedOrigins: readonly string[]): RequestHandler {
  return cors({
    origin: [...allowedOrigins],
    credentials: true,
    methods: [...FORWARDED_METHODS],
    allowedHeaders: ['Authorization', 'Content-Type', 'Idempotency-Key', 'If-None-Match', 'traceparent'],
    exposedHeaders: [
      'Authorization',
      'ETag',
      'Idempotency-Replayed',
      'RateLimit',
      'RateLimit-Policy',
      'Retry-After',
      'X-Request-Id',
    ],
    maxAge: PREFLIGHT_MAX_AGE_S,
  });
}
