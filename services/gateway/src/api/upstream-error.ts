import type { Problem } from '@wave-connect/chassis/http/problem.ts';

/** Seconds after which a client may try again. */
const RETRY_AFTER_S = '2';

/** A service did not answer, or broke off. The cause stays in the log. */
export class UpstreamError extends Error {
  readonly service: string;
  readonly timedOut: boolean;

  constructor(service: string, timedOut: boolean, cause: unknown) {
    super(`${service} ${timedOut ? 'did not answer in time' : 'cannot be reached'}`, { cause });
    this.name = 'UpstreamError';
    this.service = service;
    this.timedOut = timedOut;
  }

  toProblem(): Problem {
    const headers = { 'Retry-After': RETRY_AFTER_S };
    return this.timedOut
      ? {
          status: 504,
          code: 'gateway-timeout',
          detail: 'The service behind this path did not answer in time.',
          headers,
        }
      : {
          status: 502,
          code: 'bad-gateway',
          detail: 'The service behind this path cannot be reached right now.',
          headers,
        };
  }
}
