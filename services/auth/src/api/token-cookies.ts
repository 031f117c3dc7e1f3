import {
  REFRESH_COOKIE,
  REFRESH_COOKIE_NAME,
  TOKEN_COOKIE,
  TOKEN_PROFILE,
} from '@wave-connect/contracts/token-profile.ts';
import { parseCookie, type SetCookie, stringifySetCookie } from 'cookie';
import type { SignedIn } from '../domain/sessions.ts';

const { secure: HOST_COOKIE, plain: PLAIN_COOKIE } = TOKEN_PROFILE.cookies;

type Options = { secure: boolean };

/**
 * `Set-Cookie` with both tokens, each of which ends with its cookie. Behind TLS the access token's takes the place of a
 * cookie that has no prefix.
 */
export function tokenCookies(signedIn: SignedIn, { secure }: Options): string[] {
  const access = stringifySetCookie(secure ? HOST_COOKIE : PLAIN_COOKIE, signedIn.token, {
    ...TOKEN_COOKIE,
    secure,
    ...lasting(signedIn.expiresInS),
  });
  const refresh = stringifySetCookie(REFRESH_COOKIE_NAME, signedIn.refreshToken, {
    ...REFRESH_COOKIE,
    secure,
    ...lasting(signedIn.refreshExpiresInS),
  });
  return secure ? [access, expired(PLAIN_COOKIE, { ...TOKEN_COOKIE, secure }), refresh] : [access, refresh];
}

/** `Set-Cookie` that clears them, the access token's under either name. */
export const clearTokenCookies = ({ secure }: Options): string[] => [
  expired(PLAIN_COOKIE, { ...TOKEN_COOKIE, secure }),
  expired(HOST_COOKIE, { ...TOKEN_COOKIE, secure: true }),
  expired(REFRESH_COOKIE_NAME, { ...REFRESH_COOKIE, secure }),
];

/** The refresh token that a `Cookie` header carries. */
export const refreshTokenIn = (cookies: string): string | undefined => parseCookie(cookies)[REFRESH_COOKIE_NAME];

type Attributes = Omit<SetCookie, 'name' | 'value'>;

const expired = (name: string, attributes: Attributes): string =>
  stringifySetCookie(name, '', { ...attributes, expires: new Date(0) });

const lasting = (seconds: number): Attributes => ({
  maxAge: seconds,
  expires: new Date(Date.now() + seconds * 1_000),
});
