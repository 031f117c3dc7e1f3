import { TOKEN_PROFILE } from '@wave-connect/contracts/token-profile.ts';
import { SignJWT } from 'jose';
import type { SigningSecret } from './signing-secret.ts';

export type Token = { token: string; expiresInS: number };
export type Tokens = { issue(userId: string): Promise<Token> };

export function createTokens(secret: SigningSecret, lifetimeS: number): Tokens {
  return {
    async issue(userId) {
      const now = Math.floor(Date.now() / 1_000);
      const token = await new SignJWT()
        .setProtectedHeader({ alg: TOKEN_PROFILE.algorithm, typ: TOKEN_PROFILE.type })
        .setIssuer(TOKEN_PROFILE.issuer)
        .setAudience(TOKEN_PROFILE.audience)
        .setSubject(userId)
        .setIssuedAt(now)
        .setExpirationTime(now + lifetimeS)
        .sign(new TextEncoder().encode(secret.value()));
      return { token, expiresInS: lifetimeS };
    },
  };
}
