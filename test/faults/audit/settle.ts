import { setTimeout as sleep } from 'node:timers/promises';
import type { Target } from '../load/target.ts';
import { withDatabase } from './database.ts';
import { auditorsKafka, withAdmin } from './kafka.ts';
import { readLag } from './lag.ts';

const PUBLISHERS = ['auth', 'profile', 'chat'] as const;
/** An event may bring about another, of another service, while one of them is looked at. */
const TIMES_IN_A_ROW = 3;
const EVERY_MS = 300;

/**
 * Waits until nothing is on its way any more: outboxes are empty and no consumer group has lag.
 * @returns what still was on its way at the deadline, nothing where all has settled
 */
export async function settle(target: Target, { deadlineMs }: { deadlineMs: number }): Promise<string[]> {
  const deadline = Date.now() + deadlineMs;
  let pending: string[] = [];
  for (let quiet = 0; quiet < TIMES_IN_A_ROW; ) {
    pending = await whatIsPending(target).catch((error) => [`it cannot be told: ${error}`]);
    quiet = pending.length === 0 ? quiet + 1 : 0;
    if (Date.now() > deadline && quiet === 0) return pending;
    await sleep(EVERY_MS);
  }
  return [];
}

async function whatIsPending(target: Target): Promise<string[]> {
  const outboxes = PUBLISHERS.map(async (name) => {
    const [row] = await withDatabase(target.databaseUrl(name), (query) =>
      query<{ waiting: number }>('SELECT count(*)::int AS waiting FROM outbox'),
    );
    return row?.waiting ? [`${row.waiting} events in the outbox of ${name}`] : [];
  });
  const lags = await withAdmin(auditorsKafka(target), readLag);
  return [...(await Promise.all(outboxes)).flat(), ...[...lags].map(([group, lag]) => `${lag} events for ${group}`)];
}
