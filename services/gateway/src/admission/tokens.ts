import type { Secret } from '@wave-connect/chassis/config';
import { UnauthenticatedError } from '@wave-connect/chassis/errors';
import { isUserId } from '@wave-connect/chassis/http';
import type { Logger } from '@wave-connect/chassis/observability';
import { TOKEN_PROFILE } from '@wave-connect/contracts/token-profile.ts';
import { errors, type JWTPayload, jwtVerify } from 'jose';
import { LRUCache } from 'lru-cache';

/** Longer ones are refused before they are hashed. */
const MAX_TOKEN_LENGTH = 4_096;

/** Whose token it is. A token from before there were sessions names none; the last of those expire a day later. */
export type Identity = { userId: string; sessionId: string | undefined };

export type TokenVerifier = {
  /**
   * @throws UnauthenticatedError for a token that is forged, expired, of another issuer, audience, type or algorithm
   */
  verify(token: string | undefined): Promise<Identity>;
  /** The same for a token that may have expired; undefined where it is not valid. */
  verifyExpired(token: string): Promise<Identity | undefined>;
};

/** Longer than any token has been valid. */
const ANY_AGE_S = Number.MAX_SAFE_INTEGER;

export type TokenSecrets = {
  /** What auth signs with, or soon will. */
  jwt: Secret;
  /** What it signed with before, while that is being replaced. */
  jwtPrevious: Secret<string | undefined> | undefined;
};

type Verified = { identity: Identity; secret: string };

/**
 * Verifies on the spot, and remembers what it has verified until the token expires or its secret is gone. A token may be
 * signed with any of the secrets of the moment.
 */
export function createTokenVerifier(secrets: TokenSecrets, cacheSize: number, log: Logger): TokenVerifier {
  secrets.jwt.onProblem((problem) => log.error({ problem }, 'JWT_SECRET cannot be read again'));
  secrets.jwtPrevious?.onProblem((problem) => log.error({ problem }, 'JWT_SECRET_PREVIOUS cannot be read again'));
  const verified = new LRUCache<string, Verified>({ max: cacheSize });

  /** In this order: asked for second, the one before is never missing where the new one is there. */
  function currentSecrets(): string[] {
    const current = secrets.jwt.value();
    const previous = secrets.jwtPrevious?.value();
    return previous === undefined ? [current] : [current, previous];
  }

  async function verifyAnew(token: string, current: string[]): Promise<Identity> {
    const { payload, secret } = await verifyWithAny(token, current);
    const identity = identityOf(payload);
    const ttl = (payload.exp ?? 0) * 1_000 - Date.now();
    if (ttl >= 1) verified.set(token, { identity, secret }, { ttl: Math.floor(ttl) });
    return identity;
  }

  async function verify(token: string): Promise<Identity> {
    const current = currentSecrets();
    const known = verified.get(token);
    if (known !== undefined && current.includes(known.secret)) return known.identity;
    return verifyAnew(token, current);
  }

  return {
    async verifyExpired(token) {
      if (token.length > MAX_TOKEN_LENGTH) return undefined;
      try {
        return identityOf((await verifyWithAny(token, currentSecrets(), ANY_AGE_S)).payload);
      } catch {
        return undefined;
      }
    },

    async verify(token) {
      if (token === undefined || token === '')
        throw new UnauthenticatedError('A token is needed: sign in and send it as a Bearer token.');
      if (token.length > MAX_TOKEN_LENGTH) throw new UnauthenticatedError('The token is not valid.');
      try {
        return await verify(token);
      } catch (error) {
        if (error instanceof errors.JWTExpired) throw new UnauthenticatedError('The token has expired: sign in again.');
        if (error instanceof errors.JOSEError)
          throw new UnauthenticatedError('The token is not valid.', { cause: error });
        throw error;
      }
    },
  };
}

/** @throws UnauthenticatedError */
function identityOf({ sub = '', [TOKEN_PROFILE.sessionClaim]: session }: JWTPayload): Identity {
  if (!isUserId(sub)) throw new UnauthenticatedError('The token names no user.');
  return { userId: sub, sessionId: typeof session === 'string' ? session : undefined };
}

/** @throws JOSEError of the last secret */
async function verifyWithAny(
  token: string,
  [secret = '', ...more]: string[],
  clockTolerance = 0,
): Promise<{ payload: JWTPayload; secret: string }> {
  try {
    const { payload } = await jwtVerify(token, new TextEncoder().encode(secret), {
      algorithms: [TOKEN_PROFILE.algorithm],
      issuer: TOKEN_PROFILE.issuer,
      audience: TOKEN_PROFILE.audience,
      typ: TOKEN_PROFILE.type,
      requiredClaims: ['sub', 'exp'],
      clockTolerance,
    });
    return { payload, secret };
  } catch (error) {
    const forged = error instanceof errors.JWSSignatureVerificationFailed;
    if (forged && more.length > 0) return verifyWithAny(token, more, clockTolerance);
    throw error;
  }
}

/** Whether a token was refused for a signature of another secret. */
export const isForged = (error: unknown): boolean =>
  error instanceof UnauthenticatedError && error.cause instanceof errors.JWSSignatureVerificationFailed;
