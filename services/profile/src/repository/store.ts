import { assertAccountExists } from '@wave-connect/chassis/database';
import type { Outbox, OutboxTable } from '@wave-connect/chassis/events';
import type pg from 'pg';
import { createClient, type Db } from './client.ts';
import { profilesIn } from './profiles.ts';

export type Tables = ReturnType<typeof tablesIn>;
export type Store = ReturnType<typeof createStore>;

const tablesIn = (db: Db, outbox: OutboxTable) => ({ db, profiles: profilesIn(db), outbox });

export function createStore(pool: pg.Pool, outbox: Outbox) {
  const prisma = createClient(pool);
  const transaction = outbox.transactions((work) => prisma.$transaction(work), tablesIn);
  return {
    profiles: profilesIn(prisma),
    transaction,

    /**
     * One transaction for what a caller changes.
     * @throws UnauthenticatedError where the caller's account is gone
     */
    writeAs: <Result>(caller: string, work: (tables: Tables) => Promise<Result>): Promise<Result> =>
      transaction(async (tables) => {
        await assertAccountExists(tables.db, caller);
        return work(tables);
      }),
  };
}
