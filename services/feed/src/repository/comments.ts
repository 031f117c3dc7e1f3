import { Prisma } from '../../generated/prisma/client.ts';
import type { Db } from './client.ts';
import { NOT_BEING_ERASED } from './erased.ts';

export type Comment = { id: string; pubId: string; text: string; userId: string; timeCreated: Date };

const SHOWN = { id: true, pubId: true, text: true, userId: true, timeCreated: true } as const;
const SHOWN_SQL = Prisma.sql`id, pub_id AS "pubId", text, user_id AS "userId", time_created AS "timeCreated"`;

/** Below every id of a comment (RFC 9562, section 5.9). */
const MIN_ID = '00000000-0000-0000-0000-000000000000';

export const commentsIn = (db: Db) => ({
  insert: (comment: { pubId: string; userId: string; text: string }): Promise<Comment> =>
    db.comment.create({ data: comment, select: SHOWN }),

  async find(id: string): Promise<Comment | undefined> {
    const rows = await db.$queryRaw<Comment[]>`
      SELECT ${SHOWN_SQL} FROM comments WHERE id = ${id}::uuid AND ${NOT_BEING_ERASED}`;
    return rows[0];
  },

  /** False where there is no such comment. */
  async delete(id: string): Promise<boolean> {
    const { count } = await db.comment.deleteMany({ where: { id } });
    return count === 1;
  },

  /** Oldest first, those that are newer than `after`. */
  listOn: (pubId: string, after: string | undefined, take: number): Promise<Comment[]> =>
    db.$queryRaw<Comment[]>`
      SELECT ${SHOWN_SQL} FROM comments
       WHERE pub_id = ${pubId}::uuid AND id > ${after ?? MIN_ID}::uuid AND ${NOT_BEING_ERASED}
       ORDER BY id LIMIT ${take}`,
});
