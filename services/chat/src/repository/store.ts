import type pg from 'pg';
import { createClient, type Db } from './client.ts';
import { conversationsIn } from './conversations.ts';
import { createMessageBatches } from './message-batches.ts';
import { messagesIn } from './messages.ts';
import { peopleIn } from './people.ts';

/** Time in ms for what a request or an event changes; all that a person ever wrote may have to go. */
const TRANSACTION_TIMEOUT_MS = 30_000;

export type Store = ReturnType<typeof createStore>;

export const tablesIn = (db: Db) => ({
  messages: messagesIn(db),
  conversations: conversationsIn(db),
  people: peopleIn(db),
});

export function createStore(pool: pg.Pool) {
  const prisma = createClient(pool);
  return {
    ...tablesIn(prisma),
    batches: createMessageBatches(pool),
    transaction: <Result>(work: (tx: Db) => Promise<Result>): Promise<Result> =>
      prisma.$transaction(work, { timeout: TRANSACTION_TIMEOUT_MS }),
  };
}
