import type { Outbox, OutboxTable } from '@wave-connect/chassis/events';
import type pg from 'pg';
import type { SignInConfig } from '../config.ts';
import { createClient, type Db } from './client.ts';
import { signInsIn } from './sign-ins.ts';
import { usersIn } from './users.ts';

export type Store = ReturnType<typeof createStore>;

export function createStore(pool: pg.Pool, outbox: Outbox, limits: SignInConfig) {
  const prisma = createClient(pool);
  const tablesIn = (db: Db, events: OutboxTable) => ({
    users: usersIn(db),
    signIns: signInsIn(db, limits),
    outbox: events,
  });
  return {
    users: usersIn(prisma),
    signIns: signInsIn(prisma, limits),
    transaction: outbox.transactions((work) => prisma.$transaction(work), tablesIn),
  };
}
