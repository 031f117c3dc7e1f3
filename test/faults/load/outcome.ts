import type { Reply } from './http-client.ts';
import type { Outcome } from './ledger.ts';

/** `ok` is the status of success; `refusals` are those that the contract allows in this state of things. */
export type Expected = { ok: number; refusals?: readonly number[] };

/** Whoever asks may be turned away before anything has happened. */
const REFUSED_TO_ALL = [401, 429];
/** 408 as well: a process that was paused may have passed a part of the request on. */
const LEFT_OPEN = [408, 502, 503, 504];

export function outcomeOf(reply: Reply, { ok, refusals = [] }: Expected): Outcome {
  if ('error' in reply) return 'unknown';
  if (reply.status === ok) return 'acknowledged';
  if (LEFT_OPEN.includes(reply.status)) return 'unknown';
  return REFUSED_TO_ALL.includes(reply.status) || refusals.includes(reply.status) ? 'refused' : 'violation';
}

export const evidenceOf = (reply: Reply): string =>
  'error' in reply ? reply.error : `${reply.status} ${reply.body?.detail ?? ''} request ${reply.requestId}`;
