import { networkOf } from '@wave-connect/chassis/http';
import { createRouter, type ServiceRoutes } from '@wave-connect/chassis/http/app';
import type { Account } from '@wave-connect/contracts/operations.ts';
import type { Accounts } from '../domain/accounts.ts';
import type { User } from '../repository/users.ts';
import { clearTokenCookies, tokenCookies } from './token-cookie.ts';

export const createAuthRouter = (accounts: Accounts): ServiceRoutes =>
  createRouter('auth', {
    async register({ body, clientAddress }) {
      return {
        status: 201,
        body: presentUser(await accounts.register({ ...body, network: networkOf(clientAddress) })),
      };
    },

    async login({ body, secure, clientAddress }) {
      const { token, expiresInS } = await accounts.logIn({ ...body, network: networkOf(clientAddress) });
      return {
        status: 202,
        headers: {
          Authorization: `Bearer ${token}`,
          'Set-Cookie': tokenCookies(token, { expiresInS, secure }),
          'Cache-Control': 'no-store',
        },
        body: { token, token_type: 'Bearer', expires_in: expiresInS },
      };
    },

    async getCaller({ caller }) {
      return { status: 200, body: presentUser(await accounts.describe(caller)) };
    },

    async deleteAccount({ caller, secure }) {
      await accounts.delete(caller);
      return { status: 204, headers: { 'Set-Cookie': clearTokenCookies({ secure }) } };
    },
  });

const presentUser = ({ id, email, timeCreated }: User): Account => ({
  id,
  email,
  time_created: timeCreated.toISOString(),
});
