import type { Db } from './client.ts';

export type Author = { userId: string; username: string | null; avatarUrl: string | null };

export type AuthorTable = ReturnType<typeof authorsIn>;

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
});
