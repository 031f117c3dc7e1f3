import { TOKEN_PROFILE } from '@wave-connect/contracts/token-profile.ts';
import { SignJWT } from 'jose';

export type Token = { token: string; expiresInS: number };
export type Tokens = { issue(userId: string): Promise<Token> };

export function createTokens(secret: string, lifetimeS: number): Tokens {
  const key = new TextEncoder().encode(secret);
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
        .sign(key);
      return { token, expiresInS: lifetimeS };
    },
  };
}
