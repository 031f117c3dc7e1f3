import type { IncomingMessage } from 'node:http';
import { callerOf } from '@wave-connect/chassis/http/identity.ts';
import { clientAddress, clientNetwork, type ProxyTrust } from '../edge/client-address.ts';
import { needsToken } from '../routes.ts';
import { authenticate } from './authentication.ts';
import { type OriginTrust, refuseCrossSite } from './csrf.ts';
import { rateLimitHeaders, tooManyRequests } from './rate-limit-headers.ts';
import type { Policy, RateLimits } from './rate-limits.ts';
import type { TokenVerifier } from './tokens.ts';

export type Admission = { tokens: TokenVerifier; limits: RateLimits; trust: ProxyTrust & OriginTrust };

/** Where a request says what is left of its caller's quota. */
export type TellQuota = (headers: Record<string, string>) => void;

/**
 * What a request and an upgrade have to pass before a service hears of them: a verified token, no other site
 * behind it, and a caller within their limits.
 * @throws UnauthenticatedError, Refusal
 */
export async function admit(
  req: IncomingMessage,
  { tokens, limits, trust }: Admission,
  { upgrade, tell }: { upgrade: boolean; tell?: TellQuota },
): Promise<void> {
  const count = (policy: Policy, caller: string) => countRequest(limits, policy, caller, tell);
  const client = () => clientNetwork(clientAddress(req, trust));
  try {
    const source = await authenticate(req, tokens);
    if (source === 'cookie') refuseCrossSite(req, trust, { upgrade });
  } catch (error) {
    await count('address', client());
    throw error;
  }
  await (needsToken(req.method, req.url ?? '') ? count('account', callerOf(req)) : count('sign-in', client()));
}

/** For what belongs to no service, and to no account. */
export const admitStranger = (req: IncomingMessage, { limits, trust }: Admission, tell: TellQuota): Promise<void> =>
  countRequest(limits, 'address', clientNetwork(clientAddress(req, trust)), tell);

async function countRequest(limits: RateLimits, policy: Policy, caller: string, tell?: TellQuota): Promise<void> {
  const quota = await limits.take(policy, caller);
  if (quota === undefined) return;
  if (quota.exceeded) throw tooManyRequests(quota);
  tell?.(rateLimitHeaders(quota));
}
