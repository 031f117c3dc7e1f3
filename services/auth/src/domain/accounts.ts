import { ConflictError, ForbiddenError, UnauthenticatedError } from '@wave-connect/chassis/errors';
import type { Logger } from '@wave-connect/chassis/observability';
import type { NewSession } from '../repository/sessions.ts';
import type { Store } from '../repository/store.ts';
import type { Credentials, User } from '../repository/users.ts';
import { comparable } from './email-hash.ts';
import type { Passwords } from './passwords.ts';
import type { Sessions, SignedIn } from './sessions.ts';
import type { SignInProtection } from './sign-in-protection.ts';

export type Accounts = ReturnType<typeof createAccounts>;

type Parts = { store: Store; passwords: Passwords; protection: SignInProtection; sessions: Sessions; log: Logger };

/** Sign-ins beside which the account's hash changes, for example to another cost, start anew. */
const MAX_ATTEMPTS = 3;

/** What a person proves that they are by, and the network of their client. */
type Attempt = { email: string; password: string; network: string };

type PasswordChange = {
  caller: string;
  sessionId: string | undefined;
  currentPassword: string;
  password: string;
  network: string;
};

/** Registering, signing in, and leaving. */
export function createAccounts({ store, passwords, protection, sessions, log }: Parts) {
  /** Costs a sign-in nothing when it fails; the next one tries again. */
  async function renewHash(account: Credentials, password: string): Promise<void> {
    try {
      await store.users.replaceHash(account, await passwords.hash(password));
    } catch (error) {
      log.warn({ err: error, user_id: account.id }, 'the hash of a password could not be renewed');
    }
  }

  return {
    async register({ email, password, network }: Attempt): Promise<User> {
      const passwordHash = await passwords.hash(password);
      return store.transaction(async ({ users, signIns, outbox }) => {
        const user = await users.insert({ email: comparable(email), passwordHash });
        if (!user) throw new ConflictError('An account with this email exists already.');
        await signIns.rememberNetwork(user.id, network);
        await outbox.append('user-registered', about(user.id));
        return user;
      });
    },

    /** The response to an unknown email and to a wrong password is the same, after the same work. */
    async logIn({ email, password, network }: Attempt, client: NewSession['client']): Promise<SignedIn> {
      for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt += 1) {
        const account = await store.users.findCredentials(comparable(email));
        const { matches, outdated } = await protection.verify({ email, password, account, network });
        if (!account || !matches) break;
        const signedIn = await sessions.begin(account, client);
        if (!signedIn) continue;
        if (outdated) await renewHash(account, password);
        return signedIn;
      }
      throw new UnauthenticatedError('Email or password is wrong.');
    },

    /**
     * Ends all sessions but the one that asks.
     * @throws ForbiddenError where the current password is wrong
     */
    async changePassword({ caller, sessionId, currentPassword, password, network }: PasswordChange): Promise<void> {
      const user = await store.users.findById(caller);
      if (!user) throw deleted();
      const account = await store.users.findCredentials(user.email);
      const { matches } = await protection.verify({ email: user.email, password: currentPassword, account, network });
      if (!account || !matches) throw wrongPassword();
      const passwordHash = await passwords.hash(password);
      await store.transaction(async ({ users, sessions: owned }) => {
        if (!(await users.replaceHash(account, passwordHash))) throw wrongPassword();
        await owned.revokeAll(caller, sessionId);
      });
    },

    async describe(userId: string): Promise<User> {
      const user = await store.users.findById(userId);
      if (!user) throw deleted();
      return user;
    },

    delete: (userId: string): Promise<void> =>
      store.transaction(async ({ users, sessions: owned, outbox }) => {
        if (!(await users.delete(userId))) throw deleted();
        await owned.revokeAccount(userId);
        await outbox.append('user-deleted', about(userId));
      }),
  };
}

const about = (userId: string) => ({ aggregateType: 'user', aggregateId: userId, payload: { user_id: userId } });

/** The token is older than the account's end. */
const deleted = () => new UnauthenticatedError('This account has been deleted.');

const wrongPassword = () => new ForbiddenError('The current password is wrong.');
