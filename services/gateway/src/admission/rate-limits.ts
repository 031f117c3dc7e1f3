import { LRUCache } from 'lru-cache';
import { type RateLimiterAbstract, RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { GatewayConfig } from '../config.ts';
import { Refusal } from '../edge/refusal.ts';
import type { Policy } from '../routes.ts';

type RateLimitConfig = GatewayConfig['rateLimit'];

/** Requests that a caller has left, and the seconds until the count starts anew. */
export type Quota = { policy: Policy; limit: number; windowS: number; remaining: number; resetS: number };

/** A request that is counted; `isFirstBeyond`: the first in its window that is refused. */
type Counted = Quota & { exceeded: boolean; isFirstBeyond: boolean };

export type RateLimits = {
  /** Counts one request of `caller`; undefined where rate limits are off. */
  take(policy: Policy, caller: string): Promise<Counted | undefined>;
};

/** Counts the requests of callers. */
export type Counter = Pick<RateLimiterAbstract, 'consume'>;
export type CounterOptions = { policy: Policy; points: number; duration: number; maxCallers: number };

const WINDOW_S = 60;
const UNLIMITED: RateLimits = { take: async () => undefined };

export function createRateLimits(
  config: RateLimitConfig,
  createCounter: (options: CounterOptions) => Counter = countInMemory,
): RateLimits {
  if (!config.enabled) return UNLIMITED;
  const { perMinute, maxCallers } = config;
  const counter = (policy: Policy) =>
    createCounter({ policy, points: perMinute[policy], duration: WINDOW_S, maxCallers });
  const counters: Record<Policy, Counter> = {
    account: counter('account'),
    address: counter('address'),
    'sign-in': counter('sign-in'),
  };

  return {
    async take(policy, caller) {
      const { counted, exceeded } = await consume(counters[policy], caller);
      return {
        policy,
        limit: perMinute[policy],
        windowS: WINDOW_S,
        remaining: counted.remainingPoints,
        resetS: Math.ceil(counted.msBeforeNext / 1_000),
        exceeded,
        isFirstBeyond: exceeded && counted.consumedPoints === perMinute[policy] + 1,
      };
    },
  };
}

/** The library rejects with the count where it is over the limit. */
async function consume(counter: Counter, caller: string) {
  try {
    return { counted: await counter.consume(caller), exceeded: false };
  } catch (error) {
    if (error instanceof RateLimiterRes) return { counted: error, exceeded: true };
    throw error;
  }
}

/** Counts of this process alone. The library keeps each caller until its minute is over, so the cache bounds them. */
export function countInMemory({ points, duration, maxCallers }: CounterOptions): Counter {
  const counter = new RateLimiterMemory({ points, duration });
  const callers = new LRUCache<string, true>({
    max: maxCallers,
    noDisposeOnSet: true,
    dispose: (_, caller) => void counter.delete(caller),
  });
  return {
    consume(caller) {
      callers.set(String(caller), true);
      return counter.consume(caller);
    },
  };
}

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
