import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import { markDeleted } from '../../database/deleted-accounts.ts';
import type { SqlExecutor, Transaction } from '../../database/sql.ts';
import type { Logger } from '../../observability/log.ts';
import type { Metrics } from '../../observability/metrics.ts';
import type { Part } from '../../part.ts';
import { onceOnly } from './inbox.ts';
import type { TopicHandler } from './topic-handlers.ts';

/** How long, in ms, it waits for erasures that another replica or an earlier process has left. */
const POLL_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;
/** How many times as long as a batch took it rests, so that requests have most of the database. */
const REST = 3;
/** How often, in ms, the erasures are counted. */
const COUNT_MS = 5_000;

export type ErasureOptions<Tables> = {
  transaction: Transaction<Tables>;
  /** Deletes at most that many rows, or few more, of the person; undefined where none was left. */
  eraseBatch: (tables: Tables, userId: string, rows: number) => Promise<number | undefined>;
  batchRows: number;
};

export type Erasures<Tables> = Part & {
  /**
   * Handles `user-deleted` in one short transaction, whatever the person has left: writes the tombstone and the row of
   * `erasures` by which reads hide the rest, and does what `atOnce` does with few rows.
   */
  handler(atOnce: (tables: Tables, userId: string) => Promise<void>): TopicHandler<'user-deleted'>;
};

type Worked = { userId: string; rows: number; done: boolean; ageS: number };

/**
 * Deletes what people with a tombstone have left, in batches, each a transaction of its own with the progress in the
 * person's row of `erasures`; so a crash loses no more than a batch. The person who has waited longest gets the next batch,
 * and one replica at a time works for a person, so a large erasure delays no other. Between batches it rests,
 * which leaves the database to requests.
 */
export function createErasures<Tables extends { db: SqlExecutor }>(
  { transaction, eraseBatch, batchRows }: ErasureOptions<Tables>,
  { pool, log, metrics }: { pool: pg.Pool; log: Logger; metrics: Metrics },
): Erasures<Tables> {
  const erased = metrics.counter('erased_rows_total', 'Rows of deleted accounts that were deleted in batches.');
  let seen = { pending: 0, ageS: 0 };
  metrics.observedGauge('erasures_pending', 'Deleted accounts that have rows left.', () => seen.pending);
  metrics.observedGauge('erasures_oldest_age_seconds', 'Age of the oldest of them.', () => seen.ageS);

  const stopping = new AbortController();
  let wakeUp = Promise.withResolvers<void>();
  let loop: Promise<void> = Promise.resolve();
  let timer: NodeJS.Timeout | undefined;

  /** One batch, and for whom; undefined where no erasure waits. */
  async function work(onBegin: (userId: string) => void): Promise<Worked | undefined> {
    return transaction(async (tables) => {
      const userId = await takeNext(tables.db);
      if (userId === undefined) return undefined;
      onBegin(userId);
      const rows = await eraseBatch(tables, userId, batchRows);
      return rows === undefined ? finish(tables.db, userId) : progress(tables.db, userId, rows);
    });
  }

  async function workAndTell(isNews: boolean): Promise<Worked | undefined> {
    let current: string | undefined;
    try {
      const worked = await work((userId) => {
        current = userId;
      });
      if (worked?.done) {
        log.info({ user_id: worked.userId, rows: worked.rows, age_s: worked.ageS }, 'deleted account erased');
      } else if (worked) erased.inc(worked.rows);
      return worked;
    } catch (error) {
      log[isNews ? 'warn' : 'debug']({ err: error, user_id: current }, 'erasure is interrupted');
      if (current !== undefined) await pool.query(LAST_IN_TURN, [current]).catch(() => {});
      throw error;
    }
  }

  async function run(): Promise<void> {
    let failed = 0;
    while (!stopping.signal.aborted) {
      wakeUp = Promise.withResolvers<void>();
      const begun = performance.now();
      try {
        const worked = await workAndTell(failed === 0);
        failed = 0;
        await (worked ? rest(REST * (performance.now() - begun)) : rest(POLL_MS, wakeUp.promise));
      } catch {
        failed += 1;
        await rest(Math.min(POLL_MS * failed, LONGEST_PAUSE_MS));
      }
    }
  }

  async function rest(ms: number, ...sooner: Promise<void>[]): Promise<void> {
    const over = new AbortController();
    const signal = AbortSignal.any([stopping.signal, over.signal]);
    await Promise.race([sleep(ms, undefined, { signal }).catch(() => {}), ...sooner]);
    over.abort();
  }

  async function count(): Promise<void> {
    try {
      const { rows } = await pool.query<typeof seen>(
        `SELECT count(*)::int AS pending,
                coalesce(greatest(extract(epoch FROM clock_timestamp() - min(time_created)), 0), 0)::float8 AS "ageS"
           FROM erasures`,
      );
      seen = rows[0] ?? seen;
    } catch (error) {
      log.debug({ err: error }, 'the erasures cannot be counted now');
    }
  }

  return {
    name: 'erasures',
    handler(atOnce) {
      const once = onceOnly<Tables, { user_id: string }>(transaction, async (tables, { user_id }) => {
        await markDeleted(tables.db, user_id);
        await tables.db.$executeRaw`INSERT INTO erasures (user_id) VALUES (${user_id}::uuid) ON CONFLICT DO NOTHING`;
        await atOnce(tables, user_id);
      });
      return async (event) => {
        await once(event);
        wakeUp.resolve();
      };
    },
    start() {
      loop = run();
      timer = setInterval(count, COUNT_MS).unref();
      void count();
    },
    async stop() {
      stopping.abort();
      clearInterval(timer);
      await loop;
    },
  };
}

/** The person who has waited longest, among those for whom no other replica works at the moment. */
async function takeNext(db: SqlExecutor): Promise<string | undefined> {
  const rows = await db.$queryRaw<{ userId: string }[]>`
    SELECT user_id AS "userId" FROM erasures ORDER BY time_worked LIMIT 1 FOR UPDATE SKIP LOCKED`;
  return rows[0]?.userId;
}

async function progress(db: SqlExecutor, userId: string, rows: number): Promise<Worked> {
  await db.$executeRaw`
    UPDATE erasures SET rows_erased = rows_erased + ${rows}, time_worked = clock_timestamp()
     WHERE user_id = ${userId}::uuid`;
  return { userId, rows, done: false, ageS: 0 };
}

async function finish(db: SqlExecutor, userId: string): Promise<Worked> {
  const [row] = await db.$queryRaw<{ rows: bigint; ageS: number }[]>`
    DELETE FROM erasures WHERE user_id = ${userId}::uuid
    RETURNING rows_erased AS rows, extract(epoch FROM clock_timestamp() - time_created)::float8 AS "ageS"`;
  return { userId, rows: Number(row?.rows ?? 0), done: true, ageS: Math.round(row?.ageS ?? 0) };
}

const LAST_IN_TURN = 'UPDATE erasures SET time_worked = clock_timestamp() WHERE user_id = $1::uuid';
