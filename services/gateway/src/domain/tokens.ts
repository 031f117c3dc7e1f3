import { UnauthenticatedError } from '@wave-connect/chassis/errors.ts';
import { isUserId } from '@wave-connect/chassis/http/identity.ts';
import { TOKEN_PROFILE } from '@wave-connect/contracts/token-profile.ts';
import { errors, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';

/** Longer ones are refused before they are hashed. */
const MAX_TOKEN_LENGTH = 4_096;

export type TokenVerifier = {
  /**
   * @returns the id of the user whose token it is
   * @throws UnauthenticatedError for a token that is forged, expired, of another issuer, audience, type or algorithm
   */
  verify(token: string | undefined): Promise<string>;
};

/**
 * Verifies on the spot, and remembers what it has verified until the token expires. A token may be signed with any
 * of the secrets: with the one that auth signs with now, or with the one before.
 */
export function createTokenVerifier(secrets: string[], cacheSize: number): TokenVerifier {
  const keys = secrets.map((secret) => new TextEncoder().encode(secret));
  const verified = new LRUCache<string, string>({ max: cacheSize });

  async function verifyAnew(token: string): Promise<string> {
    const { payload } = await verifyWithAny(token, keys);
    const { sub = '', exp = 0 } = payload;
    if (!isUserId(sub)) throw new UnauthenticatedError('The token names no user.');
    const ttl = exp * 1_000 - Date.now();
    if (ttl >= 1) verified.set(token, sub, { ttl: Math.floor(ttl) });
    return sub;
  }

  return {
    async verify(token) {
      if (token === undefined || token === '')
        throw new UnauthenticatedError('A token is needed: sign in and send it as a Bearer token.');
      if (token.length > MAX_TOKEN_LENGTH) throw new UnauthenticatedError('The token is not valid.');
      const known = verified.get(token);
      if (known !== undefined) return known;
      try {
        return await verifyAnew(token);
      } catch (error) {
        if (error instanceof errors.JWTExpired) throw new UnauthenticatedError('The token has expired: sign in again.');
        if (error instanceof errors.JOSEError) throw new UnauthenticatedError('The token is not valid.');
        throw error;
      }
    },
  };
}

/** @throws JOSEError of the last key */
async function verifyWithAny(
  token: string,
  [key = new Uint8Array(), ...more]: Uint8Array[],
): ReturnType<typeof jwtVerify> {
  try {
    return await jwtVerify(token, key, {
      algorithms: [TOKEN_PROFILE.algorithm],
      issuer: TOKEN_PROFILE.issuer,
      audience: TOKEN_PROFILE.audience,
      typ: TOKEN_PROFILE.type,
      requiredClaims: ['sub', 'exp'],
    });
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed && more.length > 0) return verifyWithAny(token, more);
    throw error;
  }
}
