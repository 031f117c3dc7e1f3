import type { Db } from './client.ts';

export type Publication = { id: string; text: string; userId: string; timeCreated: Date; commentCount: number };

const SHOWN = { id: true, text: true, userId: true, timeCreated: true, commentCount: true } as const;

export const publicationsIn = (db: Db) => ({
  insert: (publication: { userId: string; text: string }): Promise<Publication> =>
    db.publication.create({ data: publication, select: SHOWN }),

  find: (id: string): Promise<Publication | null> => db.publication.findUnique({ where: { id }, select: SHOWN }),

  /** The publication, which no other transaction changes until the end of the transaction. */
  async lock(id: string): Promise<{ userId: string } | undefined> {
    const rows = await db.$queryRaw<{ userId: string }[]>`
      SELECT user_id AS "userId" FROM publications WHERE id = ${id}::uuid FOR UPDATE`;
    return rows[0];
  },

  setText: (id: string, text: string): Promise<Publication> =>
    db.publication.update({ where: { id }, data: { text }, select: SHOWN }),

  /** Takes its comments with it. */
  async delete(id: string): Promise<void> {
    await db.publication.delete({ where: { id }, select: { id: true } });
  },

  /** Adds to the number of comments; false where there is no such publication. */
  async countComments(id: string, change: 1 | -1): Promise<boolean> {
    const { count } = await db.publication.updateMany({ where: { id }, data: { commentCount: { increment: change } } });
    return count === 1;
  },
});
