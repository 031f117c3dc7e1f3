import type pg from 'pg';
import type { Author } from './authors.ts';
import { COMMENT_COUNT_SQL, NOT_BEING_ERASED_SQL } from './erased.ts';
import type { Publication } from './publications.ts';

/** With what is known of its author, if anything is. */
export type ListedPublication = Publication & Pick<Author, 'username' | 'avatarUrl'> & { authorKnown: boolean };

/** Above every id of a publication (RFC 9562, section 5.10). */
const MAX_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

// The authors are looked up one by one, whatever the planner guesses of a limit that it does not know.
const list = (condition: string) => `
  SELECT id, text, user_id AS "userId", time_created AS "timeCreated", "commentCount",
         username, avatar_url AS "avatarUrl", known IS NOT NULL AS "authorKnown"
    FROM (SELECT *, ${COMMENT_COUNT_SQL} AS "commentCount" FROM publications
           WHERE ${condition} AND ${NOT_BEING_ERASED_SQL} ORDER BY id DESC LIMIT $2) AS page
    LEFT JOIN LATERAL (SELECT username, avatar_url, true AS known FROM authors WHERE authors.user_id = page.user_id OFFSET 0)
      AS author ON true
   ORDER BY id DESC`;

const ALL = list('id < $1');
const OF_ONE = list('id < $1 AND user_id = $3');

/**
 * The lists that are read most, newest first, those that are older than `before`. Each is one statement, which every
 * connection prepares once, and not Prisma's two.
 */
export const publicationLists = (pool: pg.Pool) => ({
  async all(before: string | undefined, take: number): Promise<ListedPublication[]> {
    const { rows } = await pool.query<ListedPublication>({
      name: 'publications',
      text: ALL,
      values: [before ?? MAX_ID, take],
    });
    return rows;
  },

  async of(userId: string, before: string | undefined, take: number): Promise<ListedPublication[]> {
    const values = [before ?? MAX_ID, take, userId];
    const { rows } = await pool.query<ListedPublication>({ name: 'publications of one', text: OF_ONE, values });
    return rows;
  },
});
