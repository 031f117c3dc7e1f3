import { TOKEN_COOKIE, TOKEN_PROFILE } from '@wave-connect/contracts/token-profile.ts';
import { stringifySetCookie } from 'cookie';

const { secure: HOST_COOKIE, plain: PLAIN_COOKIE } = TOKEN_PROFILE.cookies;

/** `Set-Cookie` with a token, which ends with it. Behind TLS it takes the place of a cookie that has no prefix. */
export function tokenCookies(token: string, { expiresInS, secure }: { expiresInS: number; secure: boolean }): string[] {
  const cookie = stringifySetCookie(secure ? HOST_COOKIE : PLAIN_COOKIE, token, {
    ...TOKEN_COOKIE,
    secure,
    maxAge: expiresInS,
    expires: new Date(Date.now() + expiresInS * 1_000),
  });
  return secure ? [cookie, expired(PLAIN_COOKIE, { secure })] : [cookie];
}

/** `Set-Cookie` that takes it back, under either name. */
export const clearTokenCookies = ({ secure }: { secure: boolean }): string[] => [
  expired(PLAIN_COOKIE, { secure }),
  expired(HOST_COOKIE, { secure: true }),
];

const expired = (name: string, { secure }: { secure: boolean }): string =>
  stringifySetCookie(name, '', { ...TOKEN_COOKIE, secure, expires: new Date(0) });
