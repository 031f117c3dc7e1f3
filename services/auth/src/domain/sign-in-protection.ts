import { TooManyRequestsError } from '@wave-connect/chassis/errors';
import type { Logger } from '@wave-connect/chassis/observability';
import { createPruning, type Part } from '@wave-connect/chassis/service';
import type { Store } from '../repository/store.ts';
import type { Credentials } from '../repository/users.ts';
import type { EmailHash } from './email-hash.ts';
import type { Comparison, Passwords } from './passwords.ts';

export type SignInProtection = {
  /**
   * Compares the password with that of the account. An email without an account is treated alike.
   * @throws TooManyRequestsError after too many wrong ones, before any work is spent on this one
   */
  verify(tried: { email: string; password: string; account: Credentials | null; network: string }): Promise<Comparison>;
};

type Parts = { store: Pick<Store, 'signIns'>; passwords: Passwords; emailHash: EmailHash };

/**
 * Against guessing: tries with a wrong password are counted by account and network, and by account over all networks
 * that it does not know (docs/decisions/0030-sign-in-protection.md).
 */
export function createSignInProtection({ store, passwords, emailHash }: Parts): SignInProtection {
  const { signIns } = store;
  return {
    async verify({ email, password, account, network }) {
      passwords.assertRoom();
      const signIn = { account: emailHash(email), userId: account?.id, network };
      const waitS = await signIns.begin(signIn);
      if (waitS > 0) throw new TooManyRequestsError('Too many tries with a wrong password; please wait.', waitS);
      const compared = await passwords.verify(password, account?.passwordHash).catch(async (error) => {
        await signIns.abandon(signIn);
        throw error;
      });
      if (compared.matches) await signIns.complete(signIn);
      return compared;
    },
  };
}

const PRUNE_EVERY_MS = 60_000;

/** Keeps counts and networks no longer than they are of use. */
export const signInPruning = ({ signIns }: Pick<Store, 'signIns'>, log: Logger, everyMs = PRUNE_EVERY_MS): Part =>
  createPruning({
    name: 'sign-in pruning',
    everyMs,
    pruneBatch: signIns.prune,
    failure: 'outdated tries to sign in stay for now',
    log,
  });
