import { TOKEN_COOKIE, TOKEN_PROFILE } from '@wave-connect/contracts/token-profile.ts';
import { stringifySetCookie } from 'cookie';

/** `Set-Cookie` with a token, which ends with it. Secure where the browser's own connection is TLS. */
export const tokenCookie = (token: string, { expiresInS, secure }: { expiresInS: number; secure: boolean }): string =>
  stringifySetCookie(TOKEN_PROFILE.cookie, token, {
    ...TOKEN_COOKIE,
    secure,
    maxAge: expiresInS,
    expires: new Date(Date.now() + expiresInS * 1_000),
  });

/** `Set-Cookie` that takes it back. */
export const clearTokenCookie = ({ secure }: { secure: boolean }): string =>
  stringifySetCookie(TOKEN_PROFILE.cookie, '', { ...TOKEN_COOKIE, secure, expires: new Date(0) });
