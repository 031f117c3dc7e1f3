import { Refusal } from '../edge/refusal.ts';
import type { Quota } from './rate-limits.ts';

/** draft-ietf-httpapi-ratelimit-headers. */
export const rateLimitHeaders = ({ policy, limit, windowS, remaining, resetS }: Quota): Record<string, string> => ({
  'RateLimit-Policy': `"${policy}";q=${limit};w=${windowS}`,
  RateLimit: `"${policy}";r=${remaining};t=${resetS}`,
});

export const tooManyRequests = (quota: Quota): Refusal =>
  new Refusal({
    status: 429,
    code: 'too-many-requests',
    detail: 'Too many requests; please slow down.',
    headers: { ...rateLimitHeaders(quota), 'Retry-After': String(Math.max(quota.resetS, 1)) },
  });
