import type { Db } from './client.ts';

export const peopleIn = (db: Db) => ({
  /** Deletes what few rows hold of a person. */
  async forget(userId: string): Promise<void> {
    await db.author.deleteMany({ where: { userId } });
  },

  /**
   * Deletes some of what the person wrote, or of what others wrote below it: `rows` rows, or as many again. Undefined where
   * none was left.
   */
  async eraseBatch(userId: string, rows: number): Promise<number | undefined> {
    return (await eraseComments(db, userId, rows)) ?? erasePublications(db, userId, rows);
  },
});

/** A comment is only ever added or removed under its publication's lock; in one order, no two can deadlock. */
async function eraseComments(db: Db, userId: string, rows: number): Promise<number | undefined> {
  const below = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM publications
     WHERE id IN (SELECT pub_id FROM comments WHERE user_id = ${userId}::uuid ORDER BY user_id, pub_id LIMIT ${rows})
     ORDER BY id FOR UPDATE`;
  if (below.length === 0) return undefined;
  const [tally] = await db.$queryRaw<{ gone: number }[]>`
    WITH gone AS (
      DELETE FROM comments WHERE id IN (
        SELECT id FROM comments WHERE user_id = ${userId}::uuid AND pub_id = ANY (${idsOf(below)}::uuid[])
         ORDER BY user_id, pub_id LIMIT ${rows})
      RETURNING pub_id
    ), counted AS (
      UPDATE publications SET comment_count = comment_count - removed
        FROM (SELECT pub_id, count(*)::int AS removed FROM gone GROUP BY pub_id) AS tally
       WHERE publications.id = tally.pub_id
    )
    SELECT count(*)::int AS gone FROM gone`;
  return tally?.gone ?? 0;
}

/** First what stands below them: a publication may have more comments than one statement should delete. */
async function erasePublications(db: Db, userId: string, rows: number): Promise<number | undefined> {
  const own = await db.$queryRaw<{ id: string }[]>`
    SELECT id FROM publications
     WHERE id IN (SELECT id FROM publications WHERE user_id = ${userId}::uuid ORDER BY user_id, id DESC LIMIT ${rows})
     ORDER BY id FOR UPDATE`;
  if (own.length === 0) return undefined;
  const comments = await db.$executeRaw`
    DELETE FROM comments WHERE id IN (
      SELECT id FROM comments WHERE pub_id = ANY (${idsOf(own)}::uuid[]) ORDER BY pub_id, id LIMIT ${rows})`;
  if (comments === rows) return comments;
  const { count } = await db.publication.deleteMany({ where: { id: { in: idsOf(own) } } });
  return comments + count;
}

const idsOf = (rows: { id: string }[]) => rows.map(({ id }) => id);
