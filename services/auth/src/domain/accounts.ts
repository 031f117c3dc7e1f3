import { ConflictError, UnauthenticatedError } from '@wave-connect/chassis/errors';
import type { User, Users } from '../repository/users.ts';
import type { Passwords } from './passwords.ts';
import type { Token, Tokens } from './tokens.ts';

export type Accounts = ReturnType<typeof createAccounts>;

type Parts = { users: Users; passwords: Passwords; tokens: Tokens; onEvent: () => void };

/** Registering, signing in, and leaving. `onEvent` is called after an event has gone into the outbox. */
export function createAccounts({ users, passwords, tokens, onEvent }: Parts) {
  return {
    async register(email: string, password: string): Promise<User> {
      const passwordHash = await passwords.hash(password);
      const user = await users.insert({ email: comparable(email), passwordHash });
      if (!user) throw new ConflictError('An account with this email exists already.');
      onEvent();
      return user;
    },

    /** The answer to an unknown email and to a wrong password is the same, after the same work. */
    async logIn(email: string, password: string): Promise<Token> {
      const account = await users.findCredentials(comparable(email));
      const matches = await passwords.verify(password, account?.passwordHash);
      if (!account || !matches) throw new UnauthenticatedError('Email or password is wrong.');
      return tokens.issue(account.id);
    },

    async describe(userId: string): Promise<User> {
      const user = await users.findById(userId);
      if (!user) throw deleted();
      return user;
    },

    async delete(userId: string): Promise<void> {
      if (!(await users.delete(userId))) throw deleted();
      onEvent();
    },
  };
}

/** Emails compare without case. */
const comparable = (email: string) => email.toLowerCase();

/** The token is older than the account's end. */
const deleted = () => new UnauthenticatedError('This account has been deleted.');
