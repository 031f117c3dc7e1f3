import cors from 'cors';
import type { RequestHandler } from 'express';
import { FORWARDED_METHODS } from '../contract-methods.ts';

/** Seconds for which a browser may remember what a preflight has told it. */
const PREFLIGHT_MAX_AGE_S = 600;

/** Lets pages of just these origins read answers; the gateway answers preflights itself. */
export function corsFor(allowedOrigins: readonly string[]): RequestHandler {
  return cors({
    origin: [...allowedOrigins],
    credentials: true,
    methods: [...FORWARDED_METHODS],
    allowedHeaders: ['Authorization', 'Content-Type', 'If-None-Match', 'traceparent'],
    exposedHeaders: ['Authorization', 'ETag', 'RateLimit', 'RateLimit-Policy', 'Retry-After', 'X-Request-Id'],
    maxAge: PREFLIGHT_MAX_AGE_S,
  });
}
