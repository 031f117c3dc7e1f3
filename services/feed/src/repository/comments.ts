import type { Db } from './client.ts';

export type Comment = { id: string; pubId: string; text: string; userId: string; timeCreated: Date };

const SHOWN = { id: true, pubId: true, text: true, userId: true, timeCreated: true } as const;

export const commentsIn = (db: Db) => ({
  insert: (comment: { pubId: string; userId: string; text: string }): Promise<Comment> =>
    db.comment.create({ data: comment, select: SHOWN }),

  find: (id: string): Promise<Comment | null> => db.comment.findUnique({ where: { id }, select: SHOWN }),

  /** False where there is no such comment. */
  async delete(id: string): Promise<boolean> {
    const { count } = await db.comment.deleteMany({ where: { id } });
    return count === 1;
  },

  /** Oldest first, those that are newer than `after`. */
  listOn: (pubId: string, after: string | undefined, take: number): Promise<Comment[]> =>
    db.comment.findMany({
      where: { pubId, ...(after !== undefined && { id: { gt: after } }) },
      orderBy: { id: 'asc' },
      take,
      select: SHOWN,
    }),
});
