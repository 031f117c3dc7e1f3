import type { Outbox, OutboxTable } from '@wave-connect/chassis/events';
import type pg from 'pg';
import type { SignInConfig, TokensConfig } from '../config.ts';
import { createClient, type Db } from './client.ts';
import { revocationsIn } from './revocations.ts';
import { sessionsIn } from './sessions.ts';
import { signInsIn } from './sign-ins.ts';
import { usersIn } from './users.ts';

export type Store = ReturnType<typeof createStore>;

/** What a transaction has. */
export type Tables = Parameters<Parameters<Store['transaction']>[0]>[0];

type Limits = {
  signIn: SignInConfig;
  /** How long an access token is valid at most. */
  tokens: Pick<TokensConfig, 'lifetimeS'>;
};

export function createStore(pool: pg.Pool, outbox: Outbox, { signIn, tokens }: Limits) {
  const prisma = createClient(pool);
  const tablesIn = (db: Db, events: OutboxTable) => ({
    users: usersIn(db),
    sessions: sessionsIn(db, tokens.lifetimeS),
    signIns: signInsIn(db, signIn),
    outbox: events,
  });
  return {
    users: usersIn(prisma),
    revocations: revocationsIn(prisma),
    sessions: sessionsIn(prisma, tokens.lifetimeS),
    signIns: signInsIn(prisma, signIn),
    transaction: outbox.transactions((work) => prisma.$transaction(work), tablesIn),
  };
}
