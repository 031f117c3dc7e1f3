import { notDeleted } from '@wave-connect/chassis/database';
import type { Db } from './client.ts';

export type Author = { userId: string; username: string | null; avatarUrl: string | null };

/** With the sequence of the newest event that tells of them. */
export type VersionedAuthor = Author & { version: bigint };

export const authorsIn = (db: Db) => ({
  find: (userIds: string[]): Promise<Author[]> =>
    db.author.findMany({
      where: { userId: { in: userIds } },
      select: { userId: true, username: true, avatarUrl: true },
    }),

  /** Keeps what is there where that is as new, by `version`. */
  async save({ userId, username, avatarUrl }: Author, version: bigint): Promise<void> {
    await db.$executeRaw`
      INSERT INTO authors (user_id, username, avatar_url, version)
      VALUES (${userId}::uuid, ${username}, ${avatarUrl}, ${version})
      ON CONFLICT (user_id) DO UPDATE
        SET username = excluded.username, avatar_url = excluded.avatar_url, version = excluded.version
        WHERE authors.version < excluded.version`;
  },

  /** `save` for many at once, in a transaction of its own; leaves out who is deleted, or just being deleted. */
  async saveAll(authors: VersionedAuthor[]): Promise<void> {
    const here = new Set(
      await notDeleted(
        db,
        authors.map(({ userId }) => userId),
      ),
    );
    const kept = authors.filter(({ userId }) => here.has(userId));
    await db.$executeRaw`
      INSERT INTO authors (user_id, username, avatar_url, version)
      SELECT * FROM unnest(${kept.map(({ userId }) => userId)}::uuid[], ${kept.map(({ username }) => username)}::text[],
                           ${kept.map(({ avatarUrl }) => avatarUrl)}::text[],
                           ${kept.map(({ version }) => String(version))}::bigint[]) AS given (user_id)
      ORDER BY user_id
      ON CONFLICT (user_id) DO UPDATE
        SET username = excluded.username, avatar_url = excluded.avatar_url, version = excluded.version
        WHERE authors.version < excluded.version`;
  },
});
