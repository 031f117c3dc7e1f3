import type { IncomingMessage } from 'node:http';
import { callerOf } from '@wave-connect/chassis/http';
import { CLIENT_ADDRESS_HEADER } from '@wave-connect/contracts/identity-headers.ts';
import { REFRESH_COOKIE_NAME, REFRESH_SESSION_LENGTH } from '@wave-connect/contracts/token-profile.ts';
import { clientAddress, clientNetwork, type ProxyTrust } from '../edge/client-address.ts';
import type { Policy, Route } from '../routes.ts';
import { authenticate } from './authentication.ts';
import type { CallerConcurrency } from './concurrency.ts';
import { type OriginTrust, refuseCsrf } from './csrf.ts';
import { type RateLimits, rateLimitHeaders, tooManyRequests } from './rate-limits.ts';
import type { TokenVerifier } from './tokens.ts';

export type Admission = {
  tokens: TokenVerifier;
  limits: RateLimits;
  concurrency: CallerConcurrency;
  trust: ProxyTrust & OriginTrust;
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
  { tokens, limits, trust }: Admission,
  tell?: TellQuota,
): Promise<string> {
  const count = (policy: Policy, caller: string) => countRequest(limits, policy, caller, tell);
  const address = clientAddress(req, trust);
  // In place of one that the client sent.
  req.headers[CLIENT_ADDRESS_HEADER] = address;
  const client = () => clientNetwork(address);
  try {
    const source = await authenticate(req, route, tokens);
    // Signing out also clears cookies that are not valid any more.
    if (source === 'cookie' || route.signsOut) refuseCsrf(req, trust, { upgrade: route.isWebSocket });
  } catch (error) {
    await count('address', client());
    throw error;
  }
  const caller = route.policy === 'account' ? callerOf(req) : client();
  const { cookie } = req.headers;
  if (route.takesRefreshToken && cookie !== undefined) {
    await countRequest(limits, route.policy, caller);
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
export const admitAnonymous = (req: IncomingMessage, { limits, trust }: Admission, tell: TellQuota): Promise<void> =>
  countRequest(limits, 'address', clientNetwork(clientAddress(req, trust)), tell);

async function countRequest(limits: RateLimits, policy: Policy, caller: string, tell?: TellQuota): Promise<void> {
  const quota = await limits.take(policy, caller);
  if (quota === undefined) return;
  if (quota.exceeded) throw tooManyRequests(quota);
  tell?.(rateLimitHeaders(quota));
}
