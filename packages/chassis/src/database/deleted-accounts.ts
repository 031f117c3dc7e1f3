import { UnauthenticatedError } from '../errors.ts';
import type { SqlExecutor } from './sql.ts';

/**
 * A token outlives its account by some hours, and events of an account may arrive after its deletion. Each
 * service with data of people therefore keeps `deleted_accounts(user_id, time_deleted)`. Writes for a person
 * hold a shared lock on that person, the deletion an exclusive one, so no write slips in beside the deletion.
 */
export async function isDeleted(tx: SqlExecutor, userId: string): Promise<boolean> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock_shared(hashtextextended(${userId}, 0))`;
  const rows = await tx.$queryRaw<unknown[]>`SELECT 1 FROM deleted_accounts WHERE user_id = ${userId}::uuid`;
  return rows.length > 0;
}

/**
 * Those of them whose accounts exist, held so until the end of the transaction. Does not wait: a person who is just
 * being deleted counts as gone.
 */
export async function notDeleted(tx: SqlExecutor, userIds: string[]): Promise<string[]> {
  const locked = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM unnest(${userIds}::text[]) AS id
      WHERE pg_try_advisory_xact_lock_shared(hashtextextended(id, 0))`;
  const ids = locked.map(({ id }) => id);
  const rows = await tx.$queryRaw<{ id: string }[]>`
    SELECT id FROM unnest(${ids}::text[]) AS id
      WHERE NOT EXISTS (SELECT FROM deleted_accounts WHERE user_id = id::uuid)`;
  return rows.map(({ id }) => id);
}

/** @throws UnauthenticatedError where the caller's account is gone */
export async function assertAccountExists(tx: SqlExecutor, userId: string): Promise<void> {
  if (await isDeleted(tx, userId)) throw new UnauthenticatedError('This account has been deleted.');
}

/**
 * Call it first in the transaction that deletes what the person left. Dead letters that name the person, as their key or
 * within, go with it.
 */
export async function markDeleted(tx: SqlExecutor, userId: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${userId}, 0))`;
  await tx.$executeRaw`INSERT INTO deleted_accounts (user_id) VALUES (${userId}::uuid) ON CONFLICT DO NOTHING`;
  await tx.$executeRaw`DELETE FROM dead_letters WHERE key = ${userId} OR strpos(value, ${`"${userId}"`}) > 0`;
}
