import type { Problem } from '@wave-connect/chassis/http';
import { Refusal } from '../edge/refusal.ts';

/** Seconds after which a client may try again. */
const RETRY_AFTER_S = '2';

const headers = { 'Retry-After': RETRY_AFTER_S };
const TIMEOUT: Problem = {
  status: 504,
  code: 'gateway-timeout',
  detail: 'The service behind this path did not respond in time.',
  headers,
};
const UNREACHABLE: Problem = {
  status: 502,
  code: 'bad-gateway',
  detail: 'The service behind this path cannot be reached right now.',
  headers,
};

/** A service did not respond, or its response broke off. The cause stays in the log. */
export class UpstreamError extends Refusal {
  readonly timedOut: boolean;

  constructor(service: string, timedOut: boolean, cause: unknown) {
    super(timedOut ? TIMEOUT : UNREACHABLE, { cause });
    this.name = 'UpstreamError';
    this.message = `${service} ${timedOut ? 'did not respond in time' : 'cannot be reached'}`;
    this.timedOut = timedOut;
  }
}
