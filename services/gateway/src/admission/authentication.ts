import type { IncomingMessage } from 'node:http';
import { UnauthenticatedError } from '@wave-connect/chassis/errors';
import { CALLER_HEADER } from '@wave-connect/contracts/identity-headers.ts';
import { TOKEN_PROFILE } from '@wave-connect/contracts/token-profile.ts';
import { parseCookie } from 'cookie';
import type { Route } from '../routes.ts';
import type { TokenVerifier } from './tokens.ts';

const BEARER = /^Bearer +(\S+) *$/i;

type Source = 'header' | 'cookie';

/**
 * Replaces an `X-User-ID` that the client sent by the user of its verified token, for plain requests and for upgrades
 * alike. Nothing may be forwarded before this has resolved.
 * @returns where the token was, if one is needed
 * @throws UnauthenticatedError where a token is needed and there is no valid one
 */
export async function authenticate(
  req: IncomingMessage,
  { needsToken }: Pick<Route, 'needsToken'>,
  tokens: TokenVerifier,
): Promise<Source | undefined> {
  delete req.headers[CALLER_HEADER];
  if (!needsToken) return undefined;
  const { candidates, source } = tokensOf(req);
  req.headers[CALLER_HEADER] = await verifyAny(candidates, tokens);
  return source;
}

/** From `Authorization: Bearer`, else from the cookies. */
function tokensOf(req: IncomingMessage): { candidates: string[]; source: Source } {
  const [, bearer] = BEARER.exec(req.headers.authorization ?? '') ?? [];
  if (bearer !== undefined) return { candidates: [bearer], source: 'header' };
  return { candidates: cookieTokens(req.headers.cookie ?? ''), source: 'cookie' };
}

/**
 * All of either name: another path, a parent domain or another port of the host can set one beside ours, and which
 * comes first is not told.
 */
function cookieTokens(header: string): string[] {
  const pairs = header.split(';').map((pair) => parseCookie(pair));
  const values = Object.values(TOKEN_PROFILE.cookies).flatMap((name) => pairs.map((pair) => pair[name] ?? ''));
  return [...new Set(values.filter((value) => value !== ''))];
}

/**
 * @returns the user of the tokens that are valid
 * @throws UnauthenticatedError where there is none, or where they are of different people
 */
async function verifyAny([first, ...others]: string[], tokens: TokenVerifier): Promise<string> {
  if (others.length === 0) return tokens.verify(first);
  const results = await Promise.allSettled([first, ...others].map(tokens.verify));
  const users = new Set(results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])));
  const [user, other] = users;
  if (other !== undefined) throw new UnauthenticatedError('The cookies are of different people: sign in again.');
  return user ?? tokens.verify(first);
}
