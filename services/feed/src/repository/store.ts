import { assertAccountExists, type Idempotency, onceForKey, type Responded } from '@wave-connect/chassis/database';
import type pg from 'pg';
import { authorsIn } from './authors.ts';
import { createClient, type Db } from './client.ts';
import { commentsIn } from './comments.ts';
import { peopleIn } from './people.ts';
import { publicationLists } from './publication-lists.ts';
import { publicationsIn } from './publications.ts';

/** Time in ms for what a request, an event or a batch of an erasure changes: longer than one statement may take. */
const TRANSACTION_TIMEOUT_MS = 30_000;

export type Tables = ReturnType<typeof tablesIn>;
export type Store = ReturnType<typeof createStore>;

const tablesIn = (db: Db) => ({
  db,
  publications: publicationsIn(db),
  comments: commentsIn(db),
  authors: authorsIn(db),
  people: peopleIn(db),
});

export function createStore(pool: pg.Pool) {
  const prisma = createClient(pool);
  const transaction = <Result>(work: (tables: Tables) => Promise<Result>): Promise<Result> =>
    prisma.$transaction((db) => work(tablesIn(db)), { timeout: TRANSACTION_TIMEOUT_MS });
  const writeAs = <Result>(caller: string, work: (tables: Tables) => Promise<Result>): Promise<Result> =>
    transaction(async (tables) => {
      await assertAccountExists(tables.db, caller);
      return work(tables);
    });
  return {
    ...tablesIn(prisma),
    lists: publicationLists(pool),
    transaction,

    /**
     * One transaction for what a caller changes.
     * @throws UnauthenticatedError where the caller's account is gone
     */
    writeAs,

    /** The same for a request that may come twice: the work returns the body of its response. */
    writeOnce: <Body>(
      caller: string,
      idempotency: Idempotency | undefined,
      work: (tables: Tables) => Promise<Body>,
    ): Promise<Responded<Body>> =>
      writeAs(caller, (tables) => onceForKey(tables.db, caller, idempotency, () => work(tables))),
  };
}
