import type { Db } from './client.ts';

export const peopleIn = (db: Db) => ({
  /** Deletes all that the person wrote, and what others wrote below it. */
  async delete(userId: string): Promise<void> {
    await lockPublicationsTouched(db, userId);
    await db.publication.deleteMany({ where: { userId } });
    await db.$executeRaw`
      WITH gone AS (DELETE FROM comments WHERE user_id = ${userId}::uuid RETURNING pub_id)
      UPDATE publications SET comment_count = comment_count - removed
        FROM (SELECT pub_id, count(*)::int AS removed FROM gone GROUP BY pub_id) AS tally
        WHERE publications.id = tally.pub_id`;
    await db.author.deleteMany({ where: { userId } });
  },
});

/** A comment is only ever added or removed under its publication's lock; in one order, no two can deadlock. */
async function lockPublicationsTouched(db: Db, userId: string): Promise<void> {
  await db.$executeRaw`
    SELECT 1 FROM publications
      WHERE id IN (SELECT pub_id FROM comments WHERE user_id = ${userId}::uuid
                   UNION SELECT id FROM publications WHERE user_id = ${userId}::uuid)
      ORDER BY id FOR UPDATE`;
}
