import { Prisma } from '../../generated/prisma/client.ts';
import type { Db } from './client.ts';

/** A session as far as its tokens go. */
export type Session = {
  id: string;
  userId: string;
  refreshKey: Uint8Array;
  /** Of the current refresh token. */
  counter: number;
  /** Whole seconds until it expires. */
  expiresInS: number;
};

/** `current` is an account's id and hash as they were when its password was compared. */
export type NewSession = {
  current: { id: string; passwordHash: string };
  refreshKey: Uint8Array<ArrayBuffer>;
  client: { userAgent: string; address: string };
  idleS: number;
  maxS: number;
};

/** A session as its owner sees it. */
export type ListedSession = {
  id: string;
  timeCreated: Date;
  timeRefreshed: Date;
  userAgent: string;
  address: string;
};

const LISTED = { id: true, timeCreated: true, timeRefreshed: true, userAgent: true, address: true } as const;

export type Revoked = { userId: string; sessionId: string };

type SessionRow = { id: string; user_id: string; refresh_key: Uint8Array; counter: number; expires_in_s: number };

const COLUMNS = Prisma.sql`
  sessions.id, user_id, refresh_key, counter, extract(epoch FROM expires_at - now())::int AS expires_in_s`;

/** Grows with each transaction, and beyond each snapshot's `xmin` for what has not committed in it. */
const TRANSACTION_ID = Prisma.sql`pg_current_xact_id()::text::bigint`;

/** For how long, in seconds, a revocation outlasts the access tokens that it concerns, for clocks that differ. */
const MARGIN_S = 60;

/** `tokenLifetimeS` is how long an access token may be valid after the revocation of its session. */
export function sessionsIn(db: Db, tokenLifetimeS: number) {
  const untilTokensExpire = Prisma.sql`now() + make_interval(secs => ${tokenLifetimeS + MARGIN_S})`;

  async function revokeWhere(condition: Prisma.Sql): Promise<Revoked[]> {
    const rows = await db.$queryRaw<{ user_id: string; session_id: string }[]>`
      WITH ended AS (DELETE FROM sessions WHERE ${condition} RETURNING id, user_id)
      INSERT INTO revocations (transaction_id, user_id, session_id, expires_at)
      SELECT ${TRANSACTION_ID}, user_id, id, ${untilTokensExpire} FROM ended
      RETURNING user_id, session_id`;
    return rows.map(({ user_id, session_id }) => ({ userId: user_id, sessionId: session_id }));
  }

  return {
    /**
     * Holds the account's row, so that sign-ins of one account count one another.
     * @returns undefined where the account is gone or its password has changed meanwhile
     */
    async insert({ current, refreshKey, client, idleS, maxS }: NewSession): Promise<Session | undefined> {
      const [row] = await db.$queryRaw<SessionRow[]>`
        WITH account AS (
          SELECT id FROM users
            WHERE id = ${current.id}::uuid AND password_hash = ${current.passwordHash} FOR NO KEY UPDATE
        )
        INSERT INTO sessions (user_id, refresh_key, user_agent, address, expires_at, ends_at)
        SELECT id, ${refreshKey}, ${client.userAgent}, ${client.address},
               now() + make_interval(secs => ${Math.min(idleS, maxS)}), now() + make_interval(secs => ${maxS})
          FROM account
        RETURNING ${COLUMNS}`;
      return row && toSession(row);
    },

    /** The session that has not expired, and whether its latest rotation is at most `reuseS` seconds old. */
    async find(id: string, reuseS: number): Promise<(Session & { justRotated: boolean }) | undefined> {
      const [row] = await db.$queryRaw<(SessionRow & { just_rotated: boolean })[]>`
        SELECT ${COLUMNS}, time_refreshed >= now() - make_interval(secs => ${reuseS}) AS just_rotated
          FROM sessions WHERE id = ${id}::uuid AND expires_at > now()`;
      return row && { ...toSession(row), justRotated: row.just_rotated };
    },

    /** @returns undefined where the counter is another one by now, or the session is gone */
    async rotate(id: string, counter: number, idleS: number): Promise<Session | undefined> {
      const [row] = await db.$queryRaw<SessionRow[]>`
        UPDATE sessions
           SET counter = counter + 1, time_refreshed = now(),
               expires_at = LEAST(now() + make_interval(secs => ${idleS}), ends_at)
         WHERE id = ${id}::uuid AND counter = ${counter} AND expires_at > now()
        RETURNING ${COLUMNS}`;
      return row && toSession(row);
    },

    /** Those that have not expired, newest first, older than `after`. */
    list: (userId: string, after: string | undefined, take: number): Promise<ListedSession[]> =>
      db.session.findMany({
        where: { userId, expiresAt: { gt: new Date() }, ...(after !== undefined && { id: { lt: after } }) },
        orderBy: { id: 'desc' },
        take,
        select: LISTED,
      }),

    revoke: (id: string): Promise<Revoked[]> => revokeWhere(Prisma.sql`id = ${id}::uuid`),

    revokeOwned: (userId: string, id: string): Promise<Revoked[]> =>
      revokeWhere(Prisma.sql`id = ${id}::uuid AND user_id = ${userId}::uuid`),

    /** All of an account, but not `kept`. */
    revokeAll: (userId: string, kept: string | undefined): Promise<Revoked[]> =>
      revokeWhere(Prisma.sql`user_id = ${userId}::uuid AND id IS DISTINCT FROM ${kept ?? null}::uuid`),

    /** All but the newest. */
    revokeBeyond: (userId: string, most: number): Promise<Revoked[]> =>
      revokeWhere(Prisma.sql`
        id IN (SELECT id FROM sessions WHERE user_id = ${userId}::uuid ORDER BY id DESC OFFSET ${most})`),

    /** Ends what has expired, at most `most` of it. */
    revokeExpired: (most: number): Promise<Revoked[]> =>
      revokeWhere(Prisma.sql`
        id IN (SELECT id FROM sessions WHERE expires_at <= now() ORDER BY expires_at LIMIT ${most}
                 FOR UPDATE SKIP LOCKED)`),

    /** The account goes, and its sessions with it. */
    async revokeAccount(userId: string): Promise<void> {
      await db.$executeRaw`
        INSERT INTO revocations (transaction_id, user_id, expires_at)
        VALUES (${TRANSACTION_ID}, ${userId}::uuid, ${untilTokensExpire})`;
    },
  };
}

const toSession = ({ id, user_id, refresh_key, counter, expires_in_s }: SessionRow): Session => ({
  id,
  userId: user_id,
  refreshKey: refresh_key,
  counter,
  expiresInS: expires_in_s,
});
