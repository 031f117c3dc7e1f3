import { callerOf } from '@wave-connect/chassis/http/identity.ts';
import { TOKEN_COOKIE, TOKEN_PROFILE } from '@wave-connect/contracts/token-profile.ts';
import { type CookieOptions, type Request, Router } from 'express';
import type { Accounts } from '../domain/accounts.ts';
import type { User } from '../repository/users.ts';

export const PUBLIC_PATHS = ['/register', '/login'];

/** Routes below /api/auth. */
export function createRouter(accounts: Accounts): Router {
  const router = Router();

  router.post('/register', async (req, res) => {
    const { email, password } = req.body;
    res.status(201).json(presentUser(await accounts.register(email, password)));
  });

  router.post('/login', async (req, res) => {
    const { email, password } = req.body;
    const { token, expiresInS } = await accounts.logIn(email, password);
    res
      .status(202)
      .set({ Authorization: `Bearer ${token}`, 'Cache-Control': 'no-store' })
      .cookie(TOKEN_PROFILE.cookie, token, { ...cookieOptions(req), maxAge: expiresInS * 1_000 })
      .json({ token, token_type: 'Bearer', expires_in: expiresInS });
  });

  router.get('/id', async (req, res) => {
    res.json(presentUser(await accounts.describe(callerOf(req))));
  });

  router.delete('/', async (req, res) => {
    await accounts.delete(callerOf(req));
    res.clearCookie(TOKEN_PROFILE.cookie, cookieOptions(req)).status(204).end();
  });

  return router;
}

/** Secure where the browser's own connection is TLS, which the gateway tells. */
const cookieOptions = (req: Request): CookieOptions => ({
  ...TOKEN_COOKIE,
  secure: req.get('x-forwarded-proto') === 'https',
});

const presentUser = ({ id, email, timeCreated }: User) => ({ id, email, time_created: timeCreated.toISOString() });
