import type { Outbox } from '@wave-connect/chassis/events';
import type pg from 'pg';
import { createClient, type Db } from './client.ts';
import { conversationsIn } from './conversations.ts';
import { createMessageBatches } from './message-batches.ts';
import { messagesIn, type NewMessage, type Stored } from './messages.ts';
import { peopleIn } from './people.ts';

/** Time in ms for what a request, an event or a batch of an erasure changes: longer than one statement may take. */
const TRANSACTION_TIMEOUT_MS = 30_000;

export type Store = ReturnType<typeof createStore>;
export type Tables = ReturnType<typeof tablesIn>;

const tablesIn = (db: Db) => ({
  db,
  messages: messagesIn(db),
  conversations: conversationsIn(db),
  people: peopleIn(db),
});

export function createStore(pool: pg.Pool, outbox: Outbox, limits: { maxWaiting: number }) {
  const prisma = createClient(pool);
  const tables = tablesIn(prisma);
  const batches = createMessageBatches(pool, limits);
  return {
    ...tables,

    /**
     * Stores a message with those that come at the same time; a function of the database appends `chat-messages`. A
     * conversation that another transaction has locked must not delay the others, so its message waits by itself.
     */
    async storeMessage(message: NewMessage): Promise<Stored> {
      const batched = await batches.store(message);
      const stored = batched === 'busy' ? await tables.messages.store(message) : batched;
      if ('message' in stored) outbox.committed();
      return stored;
    },

    transaction: <Result>(work: (tables: Tables) => Promise<Result>): Promise<Result> =>
      prisma.$transaction((db) => work(tablesIn(db)), { timeout: TRANSACTION_TIMEOUT_MS }),
  };
}
