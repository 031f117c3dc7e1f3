import type { Db } from './client.ts';

/** Rows of one page: more than one transaction writes. */
const PAGE_ROWS = 5_000;

export type RevocationsPage = {
  revocations: { user_id: string; session_id: string | null; expires_in: number }[];
  position: string;
  more: boolean;
};

type Row = {
  /** The oldest transaction that is open. Not `xmin`, which is a system column of each table. */
  oldest: bigint;
  transaction_id: bigint | null;
  position: bigint;
  user_id: string;
  session_id: string | null;
  expires_in: number;
};

export const revocationsIn = (db: Db) => ({
  /**
   * What has been revoked since the position of an earlier page, and is of interest still. A transaction may commit after
   * one that began later: what began at or after the oldest one that is open now is told again, until all before it is
   * known. Where the database is an older one than the position, all is told.
   */
  async since(after: string): Promise<RevocationsPage> {
    const [transactionId = '0', position = '0'] = after.split('.');
    const rows = await db.$queryRaw<Row[]>`
      WITH snapshot AS (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS oldest)
      SELECT oldest, revoked.* FROM snapshot LEFT JOIN LATERAL (
        SELECT transaction_id, position, user_id, session_id,
               greatest(1, ceil(extract(epoch FROM expires_at - now())))::int AS expires_in
          FROM revocations
         WHERE (transaction_id, position) > (
                 CASE WHEN ${BigInt(transactionId)}::bigint > oldest THEN 0 ELSE ${BigInt(transactionId)}::bigint END,
                 ${BigInt(position)}::bigint)
           AND expires_at > now()
         ORDER BY transaction_id, position LIMIT ${PAGE_ROWS}
      ) AS revoked ON true`;
    const oldest = rows[0]?.oldest ?? 0n;
    const revoked = rows.filter((row) => row.transaction_id !== null);
    const last = revoked.length === PAGE_ROWS ? revoked.at(-1) : undefined;
    const isSettled = last !== undefined && (last.transaction_id ?? 0n) < oldest;
    return {
      revocations: revoked.map(({ user_id, session_id, expires_in }) => ({ user_id, session_id, expires_in })),
      position: isSettled ? `${last.transaction_id}.${last.position}` : `${oldest}.0`,
      more: isSettled,
    };
  },

  /** Removes revocations that concern no valid token any more, at most `most` of them. @returns how many */
  prune: (most: number): Promise<number> => db.$executeRaw`
    DELETE FROM revocations WHERE position IN (
      SELECT position FROM revocations WHERE expires_at <= now() ORDER BY expires_at LIMIT ${most}
        FOR UPDATE SKIP LOCKED)`,
});
