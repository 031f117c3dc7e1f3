/** What auth puts into its tokens and the gateway pins when it verifies them. */
export const TOKEN_PROFILE = {
  issuer: 'wave-connect',
  audience: 'wave-connect-api',
  algorithm: 'HS256',
  /** RFC 9068, section 2.1. */
  type: 'at+jwt',
  /** 256 bits, the least that HS256 takes (RFC 7518, section 3.2). */
  secretBytes: 32,
  /** The claim with the id of the session that an access token belongs to. */
  sessionClaim: 'sid',
  /**
   * The cookies that carry a token where no header does. Behind TLS it is the first, which browsers take from this very
   * host alone, for all its paths (RFC 6265bis, `__Host-`).
   */
  cookies: { secure: '__Host-jwt', plain: 'jwt' },
} as const;

/**
 * With which a browser forgets what it has kept for a person who leaves. Not "cookies", which would clear those of the
 * whole registrable domain, other hosts' included.
 */
export const CLEAR_SITE_DATA = '"cache", "storage"';

/** What these cookies are set with and taken back with: no script reads it, and no page of another site sends it. */
export const TOKEN_COOKIE = { httpOnly: true, sameSite: 'strict', path: '/' } as const;

/** The cookie that carries a refresh token, which no other path gets to see. */
export const REFRESH_COOKIE_NAME = 'refresh';
export const REFRESH_COOKIE = { httpOnly: true, sameSite: 'strict', path: '/api/auth/session' } as const;

/** What a refresh token looks like: base64url of 57 bytes, of which the first is the version. */
export const REFRESH_TOKEN = /^A[Q-Za-f][\w-]{74}$/;

/** Each refresh token of one session begins with the same characters. */
export const REFRESH_SESSION_LENGTH = 22;
