import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Logger } from '../observability/log.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { Part } from '../part.ts';
import { createPruning } from '../pruning.ts';
import { asItCame, type Event, type EventHandler, fromMessage, type ReceivedMessage } from './event.ts';

/** Characters of an error that are kept. */
const MAX_ERROR = 2_000;
/** Any constant will do, as long as all replicas of a service take the same. */
const REPLAY_LOCK = 7_262_028;
/** How often, in ms, letters are deleted for their age, and how many by one statement. */
const PRUNE_EVERY_MS = 3_600_000;
/** How often, in ms, the letters are counted. */
const COUNT_MS = 5_000;
/** For how long, in ms, the lock may be held without a statement: longer than the attempts at one event take. */
const REPLAY_IDLE_MS = 600_000;

const REPLICA_SUFFIX = ', this replica';
const OUTBOX_SUFFIX = ', outbox';

/** What a consumer is called in checks, metrics and dead letters; those that each replica has for itself share a name. */
export const consumerName = (group: string, ephemeral: boolean): string =>
  ephemeral ? `${group}${REPLICA_SUFFIX}` : group;
export const isOfReplicas = (group: string): boolean => group.endsWith(REPLICA_SUFFIX);

/** What the relay of a service is called, which gives up events that the bus can never take. */
export const outboxName = (service: string): string => `${service}${OUTBOX_SUFFIX}`;
export const isOfOutbox = (group: string): boolean => group.endsWith(OUTBOX_SUFFIX);

/** Why an event was given up. `group` is the name of the consumer, or of the relay. */
export type Failure = { group: string; error: string; attempts: number };

/** An event that was given up, in the form of a message; what is no text in it has been made text. */
export type NewDeadLetter = Failure & {
  topic: string;
  /** The event's id; its place where it came without one. */
  id: string;
  key: string | null;
  value: string | null;
  headers: Record<string, string>;
  /** Where the bus has the event, such as `3@17` for partition 3, offset 17. */
  place: string | null;
};

export type DeadLetter = NewDeadLetter & {
  /** Grows in the order in which events were given up first. */
  position: string;
  firstFailedAt: Date;
  lastFailedAt: Date;
  /** Whether it is to be replayed, and has not been yet. */
  replayRequested: boolean;
};

export type Database = Pick<pg.ClientBase, 'query'>;

export const toDeadLetter = (event: Event, failure: Failure): NewDeadLetter =>
  messageToDeadLetter(event.type, event.id, asItCame(event), failure);

export function messageToDeadLetter(
  topic: string,
  id: string,
  { key, value, headers = {}, place }: ReceivedMessage,
  { group, error, attempts }: Failure,
): NewDeadLetter {
  const text = (part: Buffer | string | null) => (part === null ? null : storable(part.toString()));
  return {
    group,
    topic,
    id: storable(id) || place || randomUUID(),
    key: text(key),
    value: text(value),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, each]) => [storable(name), storable(String(each))]),
    ),
    place: place ?? null,
    error: storable(error).slice(0, MAX_ERROR),
    attempts,
  };
}

const toEvent = ({ topic, key, value, headers, place }: DeadLetter): Event =>
  fromMessage(topic, { key, value, headers, place: place ?? undefined });

/** Postgres has no room for this character in a text. */
const storable = (text: string): string => text.replaceAll('\0', '\ufffd');

/** Stores an event that was given up. One that the group has given up before keeps its place in the order. */
export async function putDeadLetter(database: Database, letter: NewDeadLetter): Promise<void> {
  const { group, topic, id, key, value, headers, place, error, attempts } = letter;
  await database.query(
    `INSERT INTO dead_letters (consumer_group, topic, event_id, key, value, headers, place, error, attempts)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     ON CONFLICT (consumer_group, topic, event_id) DO UPDATE
       SET error = excluded.error, attempts = dead_letters.attempts + excluded.attempts,
           last_failed_at = CURRENT_TIMESTAMP, replay_requested_at = NULL`,
    [group, topic, id, key, value, headers, place, error, attempts],
  );
}

/** A row as a `DeadLetter`. */
export const COLUMNS = `position, consumer_group AS "group", topic, event_id AS id, key, value, headers, place, error, attempts,
  first_failed_at AS "firstFailedAt", last_failed_at AS "lastFailedAt", replay_requested_at IS NOT NULL AS "replayRequested"`;

/**
 * Handles the letters of the group whose replay is requested, the oldest first, one after the other and in one replica
 * at a time. `handle` resolves once an event has taken effect or is a dead letter again. A process that ends in between
 * leaves a letter whose event has taken effect: it is replayed once more, and the inbox ends that.
 */
async function replayDeadLetters(pool: pg.Pool, group: string, handle: EventHandler): Promise<void> {
  const next = async (database: Database): Promise<DeadLetter | undefined> => {
    const { rows } = await database.query<DeadLetter>(
      `SELECT ${COLUMNS} FROM dead_letters WHERE consumer_group = $1 AND replay_requested_at IS NOT NULL
        ORDER BY position LIMIT 1`,
      [group],
    );
    return rows[0];
  };
  if ((await next(pool)) === undefined) return;
  await withReplayLock(pool, async (client) => {
    for (let letter = await next(client); letter !== undefined; letter = await next(client)) {
      await handle(toEvent(letter));
      await pool.query('DELETE FROM dead_letters WHERE position = $1 AND replay_requested_at IS NOT NULL', [
        letter.position,
      ]);
    }
  });
}

/** Does the work unless another replica does such work at the moment. */
async function withReplayLock(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<void>): Promise<void> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query(`BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${REPLAY_IDLE_MS}`);
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS locked', [
      REPLAY_LOCK,
    ]);
    if (rows[0]?.locked) await work(client);
    await client.query('COMMIT');
  } catch (error) {
    broken = error as Error;
    throw error;
  } finally {
    client.release(broken);
  }
}

/** The dead letters of a service, rows of its own database. */
export type DeadLetters = {
  /** Rejects where the event could not be stored, so it must not be acknowledged. */
  put(event: Event, failure: Failure): Promise<void>;
  /** Handles what an operator wants replayed of that consumer's letters. */
  replay(group: string, handle: EventHandler): Promise<void>;
};

export const createDeadLetters = (pool: pg.Pool): DeadLetters => ({
  put: (event, failure) => putDeadLetter(pool, toDeadLetter(event, failure)),
  replay: (group, handle) => replayDeadLetters(pool, group, handle),
});

/** Shows how many letters wait. Each replica counts all of them; `known` are there with 0 before their first letter. */
export function deadLetterGauge(
  pool: pg.Pool,
  known: readonly { group: string; topic: string }[],
  { log, metrics }: { log: Logger; metrics: Metrics },
): Part {
  const gauge = metrics.gauge('events_dead_letters', 'Events that were given up and wait for an operator.', [
    'group',
    'topic',
  ]);
  let timer: NodeJS.Timeout | undefined;

  async function count(): Promise<void> {
    try {
      const { rows } = await pool.query<{ group: string; topic: string; waiting: number }>(
        `SELECT consumer_group AS "group", topic, count(*)::int AS waiting
           FROM dead_letters GROUP BY consumer_group, topic`,
      );
      gauge.reset();
      for (const labels of known) gauge.set(labels, 0);
      for (const { waiting, ...labels } of rows) gauge.set(labels, waiting);
    } catch (error) {
      log.debug({ err: error }, 'the dead letters cannot be counted now');
    }
  }

  return {
    name: 'count of dead letters',
    start() {
      for (const labels of known) gauge.set(labels, 0);
      timer = setInterval(count, COUNT_MS).unref();
      void count();
    },
    stop: () => clearInterval(timer),
  };
}

/**
 * Deletes letters that were given up so many days ago, in batches. A deletion that has not taken effect stays whatever its
 * age: it holds no more than an id, and forgetting it would keep all that the person has left.
 */
export function deadLetterPruning(
  pool: pg.Pool,
  retentionDays: number,
  { log, metrics }: { log: Logger; metrics: Metrics },
): Part {
  const pruned = metrics.counter('events_dead_letters_pruned_total', 'Dead letters that were deleted for their age.', [
    'group',
    'topic',
  ]);
  async function pruneBatch(most: number): Promise<number> {
    const { rows } = await pool.query<{ group: string; topic: string }>(
      `DELETE FROM dead_letters WHERE position IN (
         SELECT position FROM dead_letters
          WHERE first_failed_at < now() - make_interval(days => $1) AND topic <> 'user-deleted'
          ORDER BY position LIMIT $2 FOR UPDATE SKIP LOCKED)
       RETURNING consumer_group AS "group", topic`,
      [retentionDays, most],
    );
    for (const labels of rows) pruned.inc(labels);
    return rows.length;
  }

  return createPruning({
    name: 'pruning of dead letters',
    everyMs: PRUNE_EVERY_MS,
    atStart: true,
    pruneBatch,
    failure: 'old dead letters stay for now',
    log,
    onPruned: (count) => log.warn({ count, retention_days: retentionDays }, 'old dead letters were deleted'),
  });
}
