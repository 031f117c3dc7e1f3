import type { Db } from './client.ts';
import { COMMENT_COUNT, NOT_BEING_ERASED } from './erased.ts';

export type Publication = { id: string; text: string; userId: string; timeCreated: Date; commentCount: number };

const SHOWN = { id: true, text: true, userId: true, timeCreated: true, commentCount: true } as const;

export const publicationsIn = (db: Db) => ({
  insert: (publication: { userId: string; text: string }): Promise<Publication> =>
    db.publication.create({ data: publication, select: SHOWN }),

  async find(id: string): Promise<Publication | undefined> {
    const rows = await db.$queryRaw<Publication[]>`
      SELECT id, text, user_id AS "userId", time_created AS "timeCreated", ${COMMENT_COUNT} AS "commentCount"
        FROM publications WHERE id = ${id}::uuid AND ${NOT_BEING_ERASED}`;
    return rows[0];
  },

  /** The publication, which no other transaction changes until the end of the transaction. */
  async lock(id: string): Promise<{ userId: string } | undefined> {
    const rows = await db.$queryRaw<{ userId: string }[]>`
      SELECT user_id AS "userId" FROM publications WHERE id = ${id}::uuid AND ${NOT_BEING_ERASED} FOR UPDATE`;
    return rows[0];
  },

  async setText(id: string, text: string): Promise<void> {
    await db.publication.update({ where: { id }, data: { text }, select: { id: true } });
  },

  /** Takes its comments with it. */
  async delete(id: string): Promise<void> {
    await db.publication.delete({ where: { id }, select: { id: true } });
  },

  /** Adds to the number of comments; false where there is no such publication. */
  async countComments(id: string, change: 1 | -1): Promise<boolean> {
    const count = await db.$executeRaw`
      UPDATE publications SET comment_count = comment_count + ${change}
       WHERE id = ${id}::uuid AND ${NOT_BEING_ERASED}`;
    return count === 1;
  },
});
