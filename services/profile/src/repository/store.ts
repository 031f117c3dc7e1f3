import { assertAccountExists } from '@wave-connect/chassis/database';
import type { PrismaClient } from '../../generated/prisma/client.ts';
import type { Db } from './client.ts';
import { type ProfileTable, profilesIn } from './profiles.ts';

export type Store = ReturnType<typeof createStore>;

export function createStore(prisma: PrismaClient) {
  const transaction = <Result>(work: (tx: Db) => Promise<Result>): Promise<Result> => prisma.$transaction(work);
  return {
    profiles: profilesIn(prisma),
    transaction,

    /**
     * One transaction for what a caller changes.
     * @throws UnauthenticatedError where the caller's account is gone
     */
    writeAs: <Result>(caller: string, work: (profiles: ProfileTable) => Promise<Result>): Promise<Result> =>
      transaction(async (tx) => {
        await assertAccountExists(tx, caller);
        return work(profilesIn(tx));
      }),
  };
}
