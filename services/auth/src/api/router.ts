import { UnauthenticatedError } from '@wave-connect/chassis/errors';
import { createRouter, type ServiceRoutes } from '@wave-connect/chassis/http/app';
import { networkOf } from '@wave-connect/chassis/observability';
import { presentPage } from '@wave-connect/chassis/pagination';
import type { Account, Operations, Session } from '@wave-connect/contracts/operations.ts';
import { CLEAR_SITE_DATA } from '@wave-connect/contracts/token-profile.ts';
import type { Accounts } from '../domain/accounts.ts';
import type { Sessions, SignedIn } from '../domain/sessions.ts';
import type { ListedSession } from '../repository/sessions.ts';
import type { User } from '../repository/users.ts';
import { clearTokenCookies, refreshTokenIn, tokenCookies } from './token-cookies.ts';

export const createAuthRouter = ({ accounts, sessions }: { accounts: Accounts; sessions: Sessions }): ServiceRoutes =>
  createRouter('auth', {
    async register({ body, clientAddress }) {
      return {
        status: 201,
        body: presentUser(await accounts.register({ ...body, network: networkOf(clientAddress) })),
      };
    },

    async login({ body, secure, userAgent, clientAddress }) {
      const client = { userAgent, address: clientAddress };
      const signedIn = await accounts.logIn({ ...body, network: networkOf(clientAddress) }, client);
      return { status: 202, ...presentTokens(signedIn, secure) };
    },

    async refreshSession({ body, cookies, secure, clientAddress }) {
      const token = body?.refresh_token ?? refreshTokenIn(cookies);
      if (token === undefined) throw new UnauthenticatedError('A refresh token is needed, in the body or as a cookie.');
      return { status: 200, ...presentTokens(await sessions.refresh(token, networkOf(clientAddress)), secure) };
    },

    async listSessions({ caller, sessionId, query }) {
      const page = await sessions.list(caller, query);
      return { status: 200, body: presentPage(page, (session) => presentSession(session, sessionId)) };
    },

    async deleteSession({ caller, params, clientAddress }) {
      await sessions.end(caller, params.id, networkOf(clientAddress));
      return { status: 204 };
    },

    async changePassword({ caller, sessionId, body, clientAddress }) {
      const { current_password: currentPassword, password } = body;
      const network = networkOf(clientAddress);
      await accounts.changePassword({ caller, sessionId, currentPassword, password, network });
      return { status: 204 };
    },

    async logOut({ sessionId, query: { scope }, secure, clientAddress }) {
      if (sessionId !== undefined) await sessions.signOut(sessionId, scope, networkOf(clientAddress));
      return { status: 204, headers: scope === 'others' ? {} : leaving(secure) };
    },

    async getCaller({ caller }) {
      return { status: 200, body: presentUser(await accounts.describe(caller)) };
    },

    async deleteAccount({ caller, secure, clientAddress }) {
      await accounts.delete(caller, networkOf(clientAddress));
      return { status: 204, headers: leaving(secure) };
    },
  });

/** The headers with which a browser forgets who was signed in. */
const leaving = (secure: boolean) => ({
  'Set-Cookie': clearTokenCookies({ secure }),
  'Clear-Site-Data': CLEAR_SITE_DATA,
});

type TokenResponse = Pick<Operations['refreshSession']['response'], 'headers' | 'body'>;

const presentTokens = (signedIn: SignedIn, secure: boolean): TokenResponse => ({
  headers: {
    Authorization: `Bearer ${signedIn.token}`,
    'Set-Cookie': tokenCookies(signedIn, { secure }),
    'Cache-Control': 'no-store',
  },
  body: {
    token: signedIn.token,
    token_type: 'Bearer',
    expires_in: signedIn.expiresInS,
    refresh_token: signedIn.refreshToken,
    refresh_expires_in: signedIn.refreshExpiresInS,
    session_id: signedIn.sessionId,
  },
});

const presentSession = (session: ListedSession, current: string | undefined): Session => ({
  id: session.id,
  time_created: session.timeCreated.toISOString(),
  time_refreshed: session.timeRefreshed.toISOString(),
  user_agent: session.userAgent,
  address: session.address,
  current: session.id === current,
});

const presentUser = ({ id, email, timeCreated }: User): Account => ({
  id,
  email,
  time_created: timeCreated.toISOString(),
});
