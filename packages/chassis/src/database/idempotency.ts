import type pg from 'pg';
import { ConflictError, KeyReusedError } from '../errors.ts';
import type { Logger } from '../observability/log.ts';
import type { Part } from '../part.ts';
import { createPruning } from '../pruning.ts';
import type { SqlExecutor } from './sql.ts';

/** For how long a key counts, in hours. */
const KEEP_HOURS = 24;
/** Keys of one caller; beyond, the oldest ones are forgotten, a few with each new one. */
const MAX_KEYS = 1_000;
const FORGOTTEN_AT_ONCE = 10;

const PRUNE_EVERY_MS = 60_000;

/** What a request with an `Idempotency-Key` is told from others by. */
export type Idempotency = {
  key: string;
  /** A digest of all that the request asks for. */
  fingerprint: string;
};

export type Responded<Body> = {
  body: Body;
  /** Whether the work was done for an earlier request. */
  replayed: boolean;
};

type Row = { fingerprint: string; body: string };

/**
 * Does the work of a request once for each key of a caller (draft-ietf-httpapi-idempotency-key-header). The body of the
 * response commits with the work, in `idempotency_keys` of the service's database, so neither is there without the other;
 * work that fails leaves nothing behind. Call it within the transaction of the work.
 * @throws ConflictError while a request with the key is in-flight
 * @throws KeyReusedError where another request had the key
 */
export async function onceForKey<Body>(
  tx: SqlExecutor,
  caller: string,
  idempotency: Idempotency | undefined,
  work: () => Promise<Body>,
): Promise<Responded<Body>> {
  if (idempotency === undefined) return { body: await work(), replayed: false };
  const { key, fingerprint } = idempotency;
  const locks = await tx.$queryRaw<{ locked: boolean }[]>`
    SELECT pg_try_advisory_xact_lock(hashtextextended(${`${caller} ${key}`}, 1)) AS locked`;
  if (!locks[0]?.locked) throw new ConflictError('A request with this Idempotency-Key is in-flight.');

  const [known] = await tx.$queryRaw<Row[]>`
    SELECT fingerprint, body FROM idempotency_keys
     WHERE user_id = ${caller}::uuid AND key = ${key} AND time_created > now() - make_interval(hours => ${KEEP_HOURS})`;
  if (known && known.fingerprint !== fingerprint) throw new KeyReusedError();
  if (known) return { body: JSON.parse(known.body) as Body, replayed: true };

  const body = await work();
  await tx.$executeRaw`
    INSERT INTO idempotency_keys (user_id, key, fingerprint, body)
    VALUES (${caller}::uuid, ${key}, ${fingerprint}, ${JSON.stringify(body)})
    ON CONFLICT (user_id, key) DO UPDATE
      SET fingerprint = excluded.fingerprint, body = excluded.body, time_created = excluded.time_created`;
  await tx.$executeRaw`
    DELETE FROM idempotency_keys WHERE (user_id, key) IN (
      SELECT user_id, key FROM idempotency_keys WHERE user_id = ${caller}::uuid
       ORDER BY time_created DESC OFFSET ${MAX_KEYS} LIMIT ${FORGOTTEN_AT_ONCE} FOR UPDATE SKIP LOCKED)`;
  return { body, replayed: false };
}

/** Call it with the tombstone: responses hold what the person wrote. */
export async function forgetKeys(tx: SqlExecutor, userId: string): Promise<void> {
  await tx.$executeRaw`DELETE FROM idempotency_keys WHERE user_id = ${userId}::uuid`;
}

/** Removes keys that do not count any more. */
export const keyPruning = (pool: pg.Pool, log: Logger): Part =>
  createPruning({
    name: 'pruning of idempotency keys',
    everyMs: PRUNE_EVERY_MS,
    failure: 'old idempotency keys stay for now',
    log,
    async pruneBatch(most) {
      const { rowCount } = await pool.query(
        `DELETE FROM idempotency_keys WHERE ctid = ANY (ARRAY(
           SELECT ctid FROM idempotency_keys WHERE time_created < now() - make_interval(hours => $1)
            ORDER BY time_created LIMIT $2 FOR UPDATE SKIP LOCKED))`,
        [KEEP_HOURS, most],
      );
      return rowCount ?? 0;
    },
  });
