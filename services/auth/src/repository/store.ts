import type { Outbox, OutboxTable } from '@wave-connect/chassis/events';
import type pg from 'pg';
import { createClient, type Db } from './client.ts';
import { usersIn } from './users.ts';

export type Store = ReturnType<typeof createStore>;

const tablesIn = (db: Db, outbox: OutboxTable) => ({ users: usersIn(db), outbox });

export function createStore(pool: pg.Pool, outbox: Outbox) {
  const prisma = createClient(pool);
  return {
    users: usersIn(prisma),
    transaction: outbox.transactions((work) => prisma.$transaction(work), tablesIn),
  };
}
