import type { IncomingMessage } from 'node:http';
import { callerOf } from '@wave-connect/chassis/http';
import { networkOf, type SecurityEvents } from '@wave-connect/chassis/observability';
import type { Revocations } from '@wave-connect/chassis/revocations';
import { CALLER_HEADER, CLIENT_ADDRESS_HEADER } from '@wave-connect/contracts/identity-headers.ts';
import { REFRESH_COOKIE_NAME, REFRESH_SESSION_LENGTH } from '@wave-connect/contracts/token-profile.ts';
import { clientAddress, clientNetwork, type ProxyTrust } from '../edge/client-address.ts';
import type { Policy, Route } from '../routes.ts';
import { authenticate } from './authentication.ts';
import type { CallerConcurrency } from './concurrency.ts';
import { type OriginTrust, refuseCsrf } from './csrf.ts';
import { type RateLimits, rateLimitHeaders, tooManyRequests } from './rate-limits.ts';
import { isForged, type TokenVerifier } from './tokens.ts';

export type Admission = {
  tokens: TokenVerifier;
  limits: RateLimits;
  concurrency: CallerConcurrency;
  revocations: Pick<Revocations, 'isRevoked'>;
  trust: ProxyTrust & OriginTrust;
  events: SecurityEvents;
};

/** Receives the headers that say what is left of the caller's quota. */
export type TellQuota = (headers: Record<string, string>) => void;

/**
 * What a request or an upgrade has to pass before it is forwarded: a verified token, no CSRF or CSWSH, and a caller
 * within their rate limits.
 * @returns the caller: the account of the token, or the client's network where none is needed
 * @throws UnauthenticatedError, Refusal
 */
export async function admit(
  req: IncomingMessage,
  route: Route,
  admission: Admission,
  tell?: TellQuota,
): Promise<string> {
  const { trust, events } = admission;
  const address = clientAddress(req, trust);
  // In place of one that the client sent.
  req.headers[CLIENT_ADDRESS_HEADER] = address;
  const count = (policy: Policy, caller: string) => countRequest(req, admission, { policy, caller, address }, tell);
  try {
    const source = await authenticate(req, route, admission);
    // Signing out also clears cookies that are not valid any more.
    if (source === 'cookie' || route.signsOut) assertOwnOrigin(req, admission, { upgrade: route.isWebSocket });
  } catch (error) {
    if (isForged(error)) {
      events.record({
        event: 'access-token',
        outcome: 'failure',
        reason: 'signature',
        network: networkOf(address),
      });
    }
    await count('address', clientNetwork(address));
    throw error;
  }
  const caller = route.policy === 'account' ? callerOf(req) : clientNetwork(address);
  const { cookie } = req.headers;
  if (route.takesRefreshToken && cookie !== undefined) {
    await countRequest(req, admission, { policy: route.policy, caller, address });
    await count('account', refreshedSession(cookie));
  } else await count(route.policy, caller);
  return caller;
}

/** What the refresh tokens of one session have in common, from the cookie that `authenticate` leaves. */
function refreshedSession(cookie: string): string {
  const from = REFRESH_COOKIE_NAME.length + 1;
  return `session ${cookie.slice(from, from + REFRESH_SESSION_LENGTH)}`;
}

/** For requests that belong to no service and no account. */
export function admitAnonymous(req: IncomingMessage, admission: Admission, tell: TellQuota): Promise<void> {
  delete req.headers[CALLER_HEADER];
  const address = clientAddress(req, admission.trust);
  return countRequest(req, admission, { policy: 'address', caller: clientNetwork(address), address }, tell);
}

/**
 * Against CSRF and CSWSH.
 * @throws Refusal
 */
function assertOwnOrigin(req: IncomingMessage, { trust, events }: Admission, { upgrade }: { upgrade: boolean }): void {
  try {
    refuseCsrf(req, trust, { upgrade });
  } catch (error) {
    const network = networkOf(clientAddress(req, trust));
    events.record({ event: 'cross-site-request', outcome: 'refused', userId: userIdOf(req), network });
    throw error;
  }
}

type Counting = { policy: Policy; caller: string; address: string };

async function countRequest(
  req: IncomingMessage,
  { limits, events }: Admission,
  { policy, caller, address }: Counting,
  tell?: TellQuota,
): Promise<void> {
  const quota = await limits.take(policy, caller);
  if (quota === undefined) return;
  if (quota.isFirstBeyond) {
    const network = networkOf(address);
    events.record({ event: 'rate-limit', outcome: 'refused', reason: policy, userId: userIdOf(req), network });
  }
  if (quota.exceeded) throw tooManyRequests(quota);
  tell?.(rateLimitHeaders(quota));
}

/** Once `authenticate` has verified it. */
const userIdOf = ({ headers }: IncomingMessage): string | undefined => headers[CALLER_HEADER] as string | undefined;
