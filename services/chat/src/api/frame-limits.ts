import { TooManyRequestsError } from '@wave-connect/chassis/errors';
import { LRUCache } from 'lru-cache';
import type { FrameLimitsConfig } from '../config.ts';

export type FrameLimits = {
  /** Counts one frame of the account. @returns the refusal of one that is too many, which does not count */
  take(account: string): TooManyRequestsError | undefined;
};

const UNLIMITED: FrameLimits = { take: () => undefined };

/**
 * A token bucket for each account, kept as the time at which it will be full again (GCRA). It outlives the account's
 * sockets, so that connecting anew does not fill it.
 */
export function createFrameLimits(config: FrameLimitsConfig): FrameLimits {
  if (!config.enabled) return UNLIMITED;
  const tokenMs = 60_000 / config.perMinute;
  const bucketMs = tokenMs * config.burst;
  const fullAt = new LRUCache<string, number>({ max: config.maxAccounts });

  return {
    take(account) {
      const now = performance.now();
      const next = Math.max(now, fullAt.get(account) ?? now) + tokenMs;
      const waitMs = next - now - bucketMs;
      if (waitMs > 0) return tooManyFrames(Math.ceil(waitMs / 1_000));
      fullAt.set(account, next);
      return undefined;
    },
  };
}

const tooManyFrames = (seconds: number) =>
  new TooManyRequestsError(
    `Too many frames; please try again in ${seconds} second${seconds === 1 ? '' : 's'}.`,
    seconds,
  );
