import type pg from 'pg';

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
