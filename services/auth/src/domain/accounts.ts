import {
  ConflictError,
  ForbiddenError,
  TooManyRequestsError,
  UnauthenticatedError,
} from '@wave-connect/chassis/errors';
import type { Logger, SecurityEvent, SecurityEvents } from '@wave-connect/chassis/observability';
import type { NewSession } from '../repository/sessions.ts';
import type { Store } from '../repository/store.ts';
import type { Credentials, User } from '../repository/users.ts';
import { comparable, type EmailHash } from './email-hash.ts';
import type { Comparison, Passwords } from './passwords.ts';
import { announce, type Sessions, type SignedIn } from './sessions.ts';
import type { SignInProtection } from './sign-in-protection.ts';

export type Accounts = ReturnType<typeof createAccounts>;

type Parts = {
  store: Store;
  passwords: Passwords;
  protection: SignInProtection;
  sessions: Sessions;
  emailHash: EmailHash;
  events: SecurityEvents;
  log: Logger;
};

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

type RecordOutcome = (outcome: SecurityEvent['outcome'], about: Pick<SecurityEvent, 'userId' | 'reason'>) => void;

/** Registering, signing in, and leaving. */
export function createAccounts({ store, passwords, protection, sessions, emailHash, events, log }: Parts) {
  const recorder = (
    event: 'registration' | 'sign-in' | 'password-change',
    { email, network }: Attempt,
  ): RecordOutcome => {
    const attempted = { event, emailHash: emailHash(email).toString('hex'), network };
    return (outcome, about) => events.record({ ...attempted, outcome, ...about });
  };

  /** Costs a sign-in nothing when it fails; the next one tries again. */
  async function renewHash(account: Credentials, password: string): Promise<void> {
    try {
      await store.users.replaceHash(account, await passwords.hash(password));
    } catch (error) {
      log.warn({ err: error, user_id: account.id }, 'the hash of a password could not be renewed');
    }
  }

  async function compare(attempt: Attempt, account: Credentials | null, record: RecordOutcome): Promise<Comparison> {
    const userId = account?.id;
    try {
      const comparison = await protection.verify({ ...attempt, account });
      if (!comparison.matches) record('failure', { userId, reason: account ? 'wrong-password' : 'unknown-email' });
      return comparison;
    } catch (error) {
      if (error instanceof TooManyRequestsError) record('refused', { userId, reason: 'too-many-failures' });
      throw error;
    }
  }

  return {
    async register(attempt: Attempt): Promise<User> {
      const record = recorder('registration', attempt);
      const passwordHash = await passwords.hash(attempt.password);
      const user = await store.transaction(async ({ users, signIns, outbox }) => {
        const inserted = await users.insert({ email: comparable(attempt.email), passwordHash });
        if (!inserted) {
          record('failure', { reason: 'email-taken' });
          throw new ConflictError('An account with this email exists already.');
        }
        await signIns.rememberNetwork(inserted.id, attempt.network);
        await outbox.append('user-registered', about(inserted.id));
        return inserted;
      });
      record('success', { userId: user.id });
      return user;
    },

    /** The response to an unknown email and to a wrong password is the same, after the same work. */
    async logIn(attempt: Attempt, client: NewSession['client']): Promise<SignedIn> {
      const record = recorder('sign-in', attempt);
      for (let time = 1; time <= MAX_ATTEMPTS; time += 1) {
        const account = await store.users.findCredentials(comparable(attempt.email));
        const { matches, outdated } = await compare(attempt, account, record);
        if (!account || !matches) break;
        const signedIn = await sessions.begin(account, client);
        if (!signedIn) continue;
        if (outdated) await renewHash(account, attempt.password);
        record('success', { userId: account.id });
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
      const attempt = { email: user.email, password: currentPassword, network };
      const record = recorder('password-change', attempt);
      const { matches } = await compare(attempt, account, record);
      if (!account || !matches) throw wrongPassword();
      const passwordHash = await passwords.hash(password);
      await store.transaction(async ({ users, sessions: owned, outbox }) => {
        if (!(await users.replaceHash(account, passwordHash))) throw wrongPassword();
        await announce(outbox, await owned.revokeAll(caller, sessionId));
      });
      record('success', { userId: caller });
    },

    async describe(userId: string): Promise<User> {
      const user = await store.users.findById(userId);
      if (!user) throw deleted();
      return user;
    },

    async delete(userId: string, network: string): Promise<void> {
      await store.transaction(async ({ users, sessions: owned, outbox }) => {
        if (!(await users.delete(userId))) throw deleted();
        await owned.revokeAccount(userId);
        await outbox.append('user-deleted', about(userId));
      });
      events.record({ event: 'account-deletion', outcome: 'success', userId, network });
    },
  };
}

const about = (userId: string) => ({ aggregateType: 'user', aggregateId: userId, payload: { user_id: userId } });

/** The token is older than the account's end. */
const deleted = () => new UnauthenticatedError('This account has been deleted.');

const wrongPassword = () => new ForbiddenError('The current password is wrong.');
