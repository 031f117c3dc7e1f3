import { NotFoundError, UnauthenticatedError } from '@wave-connect/chassis/errors';
import type { Store } from '../repository/store.ts';

export type Accounts = ReturnType<typeof createAccounts>;

/** A token outlives its account by some hours. */
export function createAccounts({ people }: Pick<Store, 'people'>) {
  return {
    /** @throws UnauthenticatedError where the caller's account is gone */
    async assertExists(caller: string): Promise<void> {
      if (await people.isDeleted(caller)) throw deletedCaller();
    },
  };
}

export const deletedCaller = () => new UnauthenticatedError('This account has been deleted.');

export const deletedReceiver = () => new NotFoundError("The receiver's account has been deleted.");
