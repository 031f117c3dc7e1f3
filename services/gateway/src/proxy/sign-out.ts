import type { IncomingMessage } from 'node:http';
import { SESSION_HEADER } from '@wave-connect/contracts/identity-headers.ts';
import {
  REFRESH_COOKIE,
  REFRESH_COOKIE_NAME,
  TOKEN_COOKIE,
  TOKEN_PROFILE,
} from '@wave-connect/contracts/token-profile.ts';
import { stringifySetCookie } from 'cookie';
import { clientScheme } from '../edge/client-address.ts';

/** `Set-Cookie` that clears the cookies of both tokens, as headers, names and values in turn; none where they stay. */
export function clearedCookies(req: IncomingMessage, trustProxy: boolean): string[] {
  if (scopeOf(req) === 'others') return [];
  const secure = clientScheme(req, trustProxy) === 'https';
  const expires = new Date(0);
  return [
    stringifySetCookie(TOKEN_PROFILE.cookies.plain, '', { ...TOKEN_COOKIE, secure, expires }),
    stringifySetCookie(TOKEN_PROFILE.cookies.secure, '', { ...TOKEN_COOKIE, secure: true, expires }),
    stringifySetCookie(REFRESH_COOKIE_NAME, '', { ...REFRESH_COOKIE, secure, expires }),
  ].flatMap((cookie) => ['set-cookie', cookie]);
}

/**
 * Whether an admitted request to sign out is done with its cookies cleared, although auth has not ended the session: where
 * its token names none, or came by cookie, so that no client has it any more.
 */
export function isDoneWithoutAuth(req: IncomingMessage): boolean {
  const byCookieAlone = req.headers.authorization === undefined && scopeOf(req) === 'local';
  return byCookieAlone || req.headers[SESSION_HEADER] === undefined;
}

const scopeOf = ({ url = '' }: IncomingMessage): string =>
  URL.parse(url, 'http://any')?.searchParams.get('scope') ?? 'local';
