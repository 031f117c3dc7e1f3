import type { IncomingMessage } from 'node:http';
import { UnauthenticatedError } from '@wave-connect/chassis/errors';
import { CALLER_HEADER, SESSION_HEADER } from '@wave-connect/contracts/identity-headers.ts';
import { REFRESH_COOKIE_NAME, REFRESH_TOKEN, TOKEN_PROFILE } from '@wave-connect/contracts/token-profile.ts';
import { parseCookie, stringifyCookie } from 'cookie';
import type { Route } from '../routes.ts';
import type { Admission } from './admission.ts';
import type { Identity, TokenVerifier } from './tokens.ts';

const BEARER = /^Bearer +(\S+) *$/i;

type Source = 'header' | 'cookie';

/**
 * Replaces an `X-User-ID` and an `X-Session-ID` that the client sent by what its verified token says, for plain requests
 * and for upgrades alike, and drops its cookies, but for a refresh token where one is asked for. Nothing may be forwarded
 * before this has resolved.
 * @returns where the token was, if there is one
 * @throws UnauthenticatedError where a token is needed and there is no valid one
 */
export async function authenticate(
  req: IncomingMessage,
  { needsToken, takesRefreshToken, signsOut }: Route,
  { tokens, revocations }: Pick<Admission, 'tokens' | 'revocations'>,
): Promise<Source | undefined> {
  const { authorization, cookie = '' } = req.headers;
  delete req.headers[CALLER_HEADER];
  delete req.headers[SESSION_HEADER];
  delete req.headers.cookie;
  if (takesRefreshToken) {
    const token = refreshToken(cookie);
    if (token === undefined) return undefined;
    req.headers.cookie = stringifyCookie({ [REFRESH_COOKIE_NAME]: token });
    return 'cookie';
  }
  if (!needsToken && !signsOut) return undefined;
  const { candidates, source } = tokensOf(authorization, cookie);
  const identity = signsOut ? await anyAge(candidates, tokens) : await verifyAny(candidates, tokens);
  if (identity === undefined) return undefined;
  // Whatever is remembered of a token, its session may have ended since.
  if (!signsOut && revocations.isRevoked(identity)) {
    throw new UnauthenticatedError('This session has ended: sign in again.');
  }
  req.headers[CALLER_HEADER] = identity.userId;
  if (identity.sessionId !== undefined) req.headers[SESSION_HEADER] = identity.sessionId;
  return source;
}

/** What the first of the tokens says that are genuine, expired or not. */
async function anyAge(candidates: string[], tokens: TokenVerifier): Promise<Identity | undefined> {
  const identities = await Promise.all(candidates.map(tokens.verifyExpired));
  return identities.find((identity) => identity !== undefined);
}

/**
 * Of the cookies of that name, the one that looks like ours.
 * @throws UnauthenticatedError where several do: one of them may be another person's
 */
function refreshToken(cookies: string): string | undefined {
  const [token, other] = cookiesNamed(cookies, [REFRESH_COOKIE_NAME]).filter((value) => REFRESH_TOKEN.test(value));
  if (other !== undefined) throw new UnauthenticatedError('There are several refresh tokens: sign in again.');
  return token;
}

/** From `Authorization: Bearer`, else from the cookies. */
function tokensOf(authorization = '', cookies: string): { candidates: string[]; source: Source } {
  const [, bearer] = BEARER.exec(authorization) ?? [];
  if (bearer !== undefined) return { candidates: [bearer], source: 'header' };
  return { candidates: cookiesNamed(cookies, Object.values(TOKEN_PROFILE.cookies)), source: 'cookie' };
}

/**
 * All of these names: another path, a parent domain or another port of the host can set one beside ours, and which
 * comes first is not told.
 */
function cookiesNamed(header: string, names: readonly string[]): string[] {
  const pairs = header.split(';').map((pair) => parseCookie(pair));
  const values = names.flatMap((name) => pairs.map((pair) => pair[name] ?? ''));
  return [...new Set(values.filter((value) => value !== ''))];
}

/**
 * @returns what the first of the valid tokens says
 * @throws UnauthenticatedError where there is none, or where they are of different people
 */
async function verifyAny([first, ...others]: string[], tokens: TokenVerifier): Promise<Identity> {
  if (others.length === 0) return tokens.verify(first);
  const results = await Promise.allSettled([first, ...others].map(tokens.verify));
  const [valid, ...more] = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  if (more.some(({ userId }) => userId !== valid?.userId)) {
    throw new UnauthenticatedError('The cookies are of different people: sign in again.');
  }
  return valid ?? tokens.verify(first);
}
