import type { Shedding } from '@wave-connect/chassis/http';
import type { Metrics } from '@wave-connect/chassis/observability';
import type { GatewayConfig } from '../config.ts';
import { limitEach, once, type TryEnter } from '../edge/limit-each.ts';
import { type Refusal, refusal } from '../edge/refusal.ts';

const RETRY_AFTER_S = '1';

/** Takes a place until the function that it returns is called, once or more often. */
type Enter = (caller: string) => () => void;

/**
 * What one caller may have in-flight at the same time, so that none takes up what is there for all. A caller is an
 * account or the network of a client without one. Counts are those of this process.
 */
export type CallerConcurrency = {
  /** @throws Refusal */
  enterRequest: Enter;
  /** Beside its place as a request. @throws Refusal, OverloadedError */
  enterUpload: Enter;
};

export function createCallerConcurrency(
  { requestsPerCaller, uploads, uploadsPerCaller }: GatewayConfig['concurrency'],
  { shedding, metrics }: { shedding: Shedding; metrics: Metrics },
): CallerConcurrency {
  const refused = metrics.counter('callers_limited_total', 'Requests over what one caller may have in-flight.', [
    'what',
  ]);
  const tryRequest = limitEach(requestsPerCaller);
  const tryUpload = limitEach(uploadsPerCaller);
  let uploading = 0;

  function enter(tryEnter: TryEnter, caller: string, what: string): () => void {
    const leave = tryEnter(caller);
    if (leave !== undefined) return leave;
    refused.inc({ what });
    throw tooMany(what);
  }

  return {
    enterRequest: (caller) => enter(tryRequest, caller, 'requests'),
    enterUpload(caller) {
      if (uploading >= uploads) throw shedding.refuse('uploads');
      const leave = enter(tryUpload, caller, 'uploads');
      uploading += 1;
      return once(() => {
        uploading -= 1;
        leave();
      });
    },
  };
}

const tooMany = (what: string): Refusal =>
  refusal(429, 'too-many-requests', `Too many ${what} at the same time; please wait for their responses.`, {
    'Retry-After': RETRY_AFTER_S,
  });
