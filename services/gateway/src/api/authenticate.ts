import type { IncomingMessage } from 'node:http';
import { CALLER_HEADER } from '@wave-connect/chassis/http/identity.ts';
import { TOKEN_PROFILE } from '@wave-connect/chassis/token-profile.ts';
import { parseCookie } from 'cookie';
import { needsToken } from '../domain/routes.ts';
import type { TokenVerifier } from '../domain/tokens.ts';

const BEARER = /^Bearer +(\S+) *$/i;

/**
 * Replaces whatever `X-User-ID` the client sent by the user of its verified token, for plain requests and for
 * upgrades alike. Nothing may be forwarded before this has resolved.
 * @throws UnauthenticatedError where a token is needed and there is no valid one
 */
export async function authenticate(req: IncomingMessage, tokens: TokenVerifier): Promise<void> {
  delete req.headers[CALLER_HEADER];
  if (needsToken(req.method, req.url ?? '')) req.headers[CALLER_HEADER] = await tokens.verify(tokenOf(req));
}

/** From `Authorization: Bearer`, else from the cookie. */
function tokenOf(req: IncomingMessage): string | undefined {
  const [, bearer] = BEARER.exec(req.headers.authorization ?? '') ?? [];
  return bearer ?? parseCookie(req.headers.cookie ?? '')[TOKEN_PROFILE.cookie];
}
