import { ConflictError, UnauthenticatedError } from '@wave-connect/chassis/errors';
import type { Store } from '../repository/store.ts';
import type { User } from '../repository/users.ts';
import type { Passwords } from './passwords.ts';
import type { Token, Tokens } from './tokens.ts';

export type Accounts = ReturnType<typeof createAccounts>;

type Parts = { store: Store; passwords: Passwords; tokens: Tokens };

/** Registering, signing in, and leaving. */
export function createAccounts({ store, passwords, tokens }: Parts) {
  return {
    async register(email: string, password: string): Promise<User> {
      const passwordHash = await passwords.hash(password);
      return store.transaction(async ({ users, outbox }) => {
        const user = await users.insert({ email: comparable(email), passwordHash });
        if (!user) throw new ConflictError('An account with this email exists already.');
        await outbox.append('user-registered', about(user.id));
        return user;
      });
    },

    /** The response to an unknown email and to a wrong password is the same, after the same work. */
    async logIn(email: string, password: string): Promise<Token> {
      const account = await store.users.findCredentials(comparable(email));
      const matches = await passwords.verify(password, account?.passwordHash);
      if (!account || !matches) throw new UnauthenticatedError('Email or password is wrong.');
      return tokens.issue(account.id);
    },

    async describe(userId: string): Promise<User> {
      const user = await store.users.findById(userId);
      if (!user) throw deleted();
      return user;
    },

    delete: (userId: string): Promise<void> =>
      store.transaction(async ({ users, outbox }) => {
        if (!(await users.delete(userId))) throw deleted();
        await outbox.append('user-deleted', about(userId));
      }),
  };
}

const about = (userId: string) => ({ aggregateType: 'user', aggregateId: userId, payload: { user_id: userId } });

/** Emails compare without case. */
const comparable = (email: string) => email.toLowerCase();

/** The token is older than the account's end. */
const deleted = () => new UnauthenticatedError('This account has been deleted.');
