import type { IncomingMessage } from 'node:http';
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
  const { token, source } = tokenOf(req);
  req.headers[CALLER_HEADER] = await tokens.verify(token);
  return source;
}

/** From `Authorization: Bearer`, else from the cookie. */
function tokenOf(req: IncomingMessage): { token: string | undefined; source: Source } {
  const [, bearer] = BEARER.exec(req.headers.authorization ?? '') ?? [];
  if (bearer !== undefined) return { token: bearer, source: 'header' };
  return { token: parseCookie(req.headers.cookie ?? '')[TOKEN_PROFILE.cookie], source: 'cookie' };
}
