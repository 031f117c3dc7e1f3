import type pg from 'pg';
import type { DataServiceName } from '../system/index.ts';
import type { SeedSize } from './command.ts';

/** Statements of a table: `text` fills it from row `$1` to row `$2`; `once` runs at the end, over all rows. */
export type Filling = { service: DataServiceName; what: string; rows: number; text: string; once?: string };

/** All rows are from 2025, so that what users write now comes after them. */
const BEGAN_MS = Date.UTC(2025, 0, 1);
const YEAR_MS = 365 * 24 * 3_600_000;
const MINUTE_MS = 60_000;

/** `correct horse`, by bcrypt of the lowest cost: not a secret. */
const PASSWORD_HASH = '$2b$04$EdW9xFmffYlCMZAU.3gCneU7Rvp3tOOPcRKPVozOvwA0vLafJAkb2';

const MOST_COMMENTS = 100;

const user = (n: string) => `pg_temp.seed_id('user', ${n}, ${BEGAN_MS - YEAR_MS}::bigint + ${n} * 1000)`;
const someUser = (what: string, n: string, users: number) => user(`pg_temp.seed_rank('${what}', ${n}, ${users})`);
const someText = (n: string) => `repeat('The engine weaves algebraic patterns. ', (1 + ${n} % 12)::int)`;

/**
 * A few users write most, and a few publications have most comments. Messages go between users who write much. Version
 * 0 is older than any event, so that every later event of the profile service about these users applies.
 */
export function fillings({ users, posts }: SeedSize): Filling[] {
  const postMs = `(${BEGAN_MS}::bigint + n * ${YEAR_MS} / ${posts})`;
  const post = `pg_temp.seed_id('post', n, ${postMs})`;
  const commentsOf = `least(floor(0.2 / (1 - pg_temp.seed_number('comments', n))), ${MOST_COMMENTS})::int`;
  const messages = Math.ceil(posts / 5);
  const messageMs = `(${BEGAN_MS}::bigint + n * ${YEAR_MS} / ${messages})`;
  return [
    {
      service: 'auth',
      what: 'accounts',
      rows: users,
      text: `INSERT INTO users (id, email, password_hash)
             SELECT ${user('n')}, 'person_' || n || '@example.com', '${PASSWORD_HASH}' FROM generate_series($1::bigint, $2) AS n`,
    },
    {
      service: 'profile',
      what: 'profiles',
      rows: users,
      text: `INSERT INTO profiles (id, username, bio)
             SELECT ${user('n')}, 'person_' || n, 'Number ' || n FROM generate_series($1::bigint, $2) AS n`,
    },
    {
      service: 'feed',
      what: 'authors',
      rows: users,
      text: `INSERT INTO authors (user_id, username, version)
             SELECT ${user('n')}, 'person_' || n, 0 FROM generate_series($1::bigint, $2) AS n`,
    },
    {
      service: 'feed',
      what: 'publications and comments',
      rows: posts,
      text: `WITH post AS MATERIALIZED (
               SELECT n, ${post} AS id, ${postMs} AS ms, ${commentsOf} AS comments FROM generate_series($1::bigint, $2) AS n
             ), published AS (
               INSERT INTO publications (id, text, user_id, comment_count)
               SELECT id, ${someText('n')}, ${someUser('author', 'n', users)}, comments FROM post
             )
             INSERT INTO comments (id, pub_id, text, user_id)
             SELECT pg_temp.seed_id('comment', n * ${MOST_COMMENTS} + place, ms + place * ${MINUTE_MS}), id, 'As a loom weaves leaves.',
                    ${someUser('commenter', `(n * ${MOST_COMMENTS} + place)`, users)}
               FROM post, generate_series(1, comments) AS place`,
    },
    {
      service: 'chat',
      what: 'messages',
      rows: messages,
      text: `INSERT INTO messages (id, text, sender, receiver)
             SELECT pg_temp.seed_id('message', n, ${messageMs}), 'Number ' || n, ${user('one')}, ${user('other')}
               FROM (SELECT n, pg_temp.seed_rank('sender', n, ${users}) AS one, pg_temp.seed_rank('receiver', n, ${users}) AS other
                       FROM generate_series($1::bigint, $2) AS n) AS pair
              WHERE one <> other`,
      once: `INSERT INTO conversations (user_id, peer_id, last_message_id)
             SELECT DISTINCT ON (person, peer) person, peer, id FROM (SELECT id, sender AS person, receiver AS peer FROM messages
                                                UNION ALL SELECT id, receiver, sender FROM messages) AS seen
              ORDER BY person, peer, id DESC`,
    },
  ];
}

/**
 * Functions of the session, by which the same seed makes the same rows. `seed_number` is even over 0 to 1;
 * `seed_rank` is Zipf's law with exponent 1 over 1 to `most`: rank 1 is as frequent as ranks 2 and 3 together, and so
 * on. `seed_id` is a UUIDv7 (RFC 9562, section 5.7) of that time in ms.
 */
export async function createSeedFunctions(client: pg.ClientBase, seed: number): Promise<void> {
  await client.query(`
    CREATE FUNCTION pg_temp.seed_number(what text, n bigint) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
      SELECT (hashtextextended(what || n, ${seed}) & 4503599627370495)::float8 / 4503599627370496 $$;
    CREATE FUNCTION pg_temp.seed_rank(what text, n bigint, most bigint) RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
      SELECT floor(exp(pg_temp.seed_number(what, n) * ln(most + 1)))::bigint $$;
    CREATE FUNCTION pg_temp.seed_id(what text, n bigint, ms bigint) RETURNS uuid LANGUAGE sql IMMUTABLE AS $$
      SELECT (lpad(to_hex(ms), 12, '0') || '7' || substr(hash, 1, 3) || '8' || substr(hash, 4, 15))::uuid
        FROM md5(what || n || ':' || ${seed}) AS hash $$`);
}
