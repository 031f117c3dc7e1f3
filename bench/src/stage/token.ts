import { randomBytes, randomUUID } from 'node:crypto';
import { TOKEN_PROFILE } from '@wave-connect/contracts/token-profile.ts';
import { SignJWT } from 'jose';

/** Signs all tokens of this run, ours and the peers'. */
export const JWT_SECRET = randomBytes(TOKEN_PROFILE.secretBytes).toString('hex');

/** Says who the caller is in both ways: a gateway goes by the token, a service by the header. */
export async function callerHeaders(): Promise<Record<string, string>> {
  const user = randomUUID();
  const token = await new SignJWT()
    .setProtectedHeader({ alg: TOKEN_PROFILE.algorithm, typ: TOKEN_PROFILE.type })
    .setIssuer(TOKEN_PROFILE.issuer)
    .setAudience(TOKEN_PROFILE.audience)
    .setSubject(user)
    .setIssuedAt()
    .setExpirationTime('1 day')
    .sign(new TextEncoder().encode(JWT_SECRET));
  return { Authorization: `Bearer ${token}`, 'X-User-ID': user };
}
