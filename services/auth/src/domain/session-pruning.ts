import type { Logger } from '@wave-connect/chassis/observability';
import { createPruning, type Part } from '@wave-connect/chassis/service';
import type { Store } from '../repository/store.ts';
import { announce } from './sessions.ts';

const EVERY_MS = 10_000;

/** Ends sessions that have expired, and forgets revocations that concern no valid token any more. */
export const createSessionPruning = (store: Pick<Store, 'revocations' | 'transaction'>, log: Logger): Part[] => [
  createPruning({
    name: 'session pruning',
    everyMs: EVERY_MS,
    pruneBatch: (most) =>
      store.transaction(
        async ({ sessions, outbox }) => (await announce(outbox, await sessions.revokeExpired(most))).length,
      ),
    failure: 'expired sessions stay for now',
    log,
  }),
  createPruning({
    name: 'pruning of revocations',
    everyMs: EVERY_MS,
    pruneBatch: store.revocations.prune,
    failure: 'outdated revocations stay for now',
    log,
  }),
];
