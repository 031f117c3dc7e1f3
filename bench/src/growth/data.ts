import { withClient } from '@wave-connect/dev-env/postgres';

/** One in so many rows belongs to the post with many comments, or to the person with many conversations. */
const SHARE_OF_POST = 10;
const SHARE_OF_PERSON = 100;
/** Few enough for each to have more than a page at the smallest size. */
const AUTHORS = 100;

/** Ids by which the lists are asked for; those from the middle are cursors of deep pages. */
export type Marks = { author: string; post: string; middlePublication: string; middleComment: string };
export type ChatMarks = { person: string; peer: string; middleMessage: string };

/** So many publications, and as many comments, a tenth of them below one post. */
export const fillFeed = (databaseUrl: string, rows: number): Promise<Marks> =>
  withClient(databaseUrl, async (client) => {
    await client.query(
      `INSERT INTO authors (user_id, username, version) SELECT uuidv7(), 'person' || n, n FROM generate_series(1, $1::int) AS n`,
      [AUTHORS],
    );
    await client.query(
      `INSERT INTO publications (text, user_id)
       SELECT repeat('The engine weaves algebraic patterns. ', 1 + n % 8), user_id
         FROM generate_series(1, $1::int) AS n JOIN authors ON version = 1 + n % $2`,
      [rows, AUTHORS],
    );
    await client.query(
      `WITH place AS (SELECT id, row_number() OVER (ORDER BY id) AS nth FROM publications LIMIT 1000)
       INSERT INTO comments (text, pub_id, user_id)
       SELECT 'As a loom weaves leaves.', place.id, user_id
         FROM generate_series(1, $1::int) AS n
         JOIN place ON nth = CASE WHEN n % $2 = 0 THEN 1 ELSE 2 + n % 999 END
         JOIN authors ON version = 1 + n % $3`,
      [rows, SHARE_OF_POST, AUTHORS],
    );
    await client.query('VACUUM ANALYZE');
    const { rows: found } = await client.query<Marks>(
      `SELECT (SELECT user_id FROM authors WHERE version = 7) AS author, post,
              (SELECT id FROM publications ORDER BY id OFFSET $1 LIMIT 1) AS "middlePublication",
              (SELECT id FROM comments WHERE pub_id = post ORDER BY id OFFSET $2 LIMIT 1) AS "middleComment"
         FROM (SELECT id AS post FROM publications ORDER BY id LIMIT 1) AS first`,
      [rows / 2, rows / SHARE_OF_POST / 2],
    );
    return found[0] as Marks;
  });

/** So many conversations, a hundredth of them one person's, each with its message. */
export const fillChat = (databaseUrl: string, rows: number): Promise<ChatMarks> =>
  withClient(databaseUrl, async (client) => {
    await client.query(
      `CREATE TEMP TABLE people AS
       SELECT n, CASE WHEN n % $2 = 0 THEN '00000000-0000-7000-8000-000000000001'::uuid ELSE uuidv7() END AS one,
              uuidv7() AS other FROM generate_series(1, $1::int) AS n`,
      [rows, SHARE_OF_PERSON],
    );
    await client.query(`INSERT INTO messages (text, sender, receiver) SELECT 'hello', one, other FROM people`);
    await client.query(
      `INSERT INTO conversations (user_id, peer_id, last_message_id) SELECT sender, receiver, id FROM messages`,
    );
    await client.query('VACUUM ANALYZE');
    const { rows: found } = await client.query<ChatMarks>(
      `SELECT user_id AS person, peer_id AS peer, last_message_id AS "middleMessage" FROM conversations
        WHERE user_id = '00000000-0000-7000-8000-000000000001' ORDER BY last_message_id OFFSET $1 LIMIT 1`,
      [rows / SHARE_OF_PERSON / 2],
    );
    return found[0] as ChatMarks;
  });
