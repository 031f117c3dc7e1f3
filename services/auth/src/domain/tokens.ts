import { randomUUID } from 'node:crypto';
import { TOKEN_PROFILE } from '@wave-connect/contracts/token-profile.ts';
import { SignJWT } from 'jose';
import type { SigningSecret } from './signing-secret.ts';

export type Token = { token: string; expiresInS: number };
export type Tokens = {
  /** An access token of a session, which it does not outlive. */
  issue(session: { id: string; userId: string; expiresInS: number }): Promise<Token>;
};

export function createTokens(secret: SigningSecret, lifetimeS: number): Tokens {
  return {
    async issue({ id, userId, expiresInS: sessionExpiresInS }) {
      const now = Math.floor(Date.now() / 1_000);
      // A session in its last second still has a token that is valid for a moment.
      const expiresInS = Math.max(1, Math.min(lifetimeS, sessionExpiresInS));
      const token = await new SignJWT({ [TOKEN_PROFILE.sessionClaim]: id })
        .setProtectedHeader({ alg: TOKEN_PROFILE.algorithm, typ: TOKEN_PROFILE.type })
        .setIssuer(TOKEN_PROFILE.issuer)
        .setAudience(TOKEN_PROFILE.audience)
        .setSubject(userId)
        .setJti(randomUUID())
        .setIssuedAt(now)
        .setExpirationTime(now + expiresInS)
        .sign(new TextEncoder().encode(secret.value()));
      return { token, expiresInS };
    },
  };
}
