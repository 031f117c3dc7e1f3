import { withClient } from '@wave-connect/dev-env/postgres';

const AUTHORS = 50;
const PUBLICATIONS = 1_000;

/** People, most of them with an avatar, and what they have published. */
export async function fillFeed(databaseUrl: string): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query(
      `INSERT INTO authors (user_id, username, avatar_url, version)
       SELECT uuidv7(), 'person' || n, CASE WHEN n % 5 > 0 THEN '/api/profile/avatar/' || gen_random_uuid() END, n
         FROM generate_series(1, $1::int) AS n`,
      [AUTHORS],
    );
    await client.query(
      `INSERT INTO publications (text, user_id, comment_count)
       SELECT repeat('The engine weaves algebraic patterns. ', 1 + n % 8), author.user_id, n % 7
         FROM generate_series(1, $1::int) AS n
         JOIN (SELECT user_id, row_number() OVER () AS place FROM authors) AS author ON author.place = 1 + n % $2`,
      [PUBLICATIONS, AUTHORS],
    );
    await client.query('ANALYZE');
  });
}
