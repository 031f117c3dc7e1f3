/** What auth puts into its tokens and the gateway pins when it verifies them. */
export const TOKEN_PROFILE = {
  issuer: 'wave-connect',
  audience: 'wave-connect-api',
  algorithm: 'HS256',
  /** RFC 9068, section 2.1. */
  type: 'at+jwt',
  /** 256 bits, the least that HS256 takes (RFC 7518, section 3.2). */
  secretBytes: 32,
  /** The cookie that carries a token where no header does. */
  cookie: 'jwt',
} as const;

/** What that cookie is set with and taken back with: no script reads it, and no page of another site sends it. */
export const TOKEN_COOKIE = { httpOnly: true, sameSite: 'strict', path: '/' } as const;
