import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from '../../observability/log.ts';
import type { Metrics } from '../../observability/metrics.ts';
import { type EventBus, RefusedEventError } from '../bus.ts';
import { outboxName, putDeadLetter, toDeadLetter } from '../dead-letters.ts';
import { type Event, sourceOf } from '../event.ts';
import { outboxGauges } from './gauges.ts';

/** How long the relay waits, in ms, for rows that another replica or an earlier process has left. */
const POLL_MS = 1_000;
/** How soon it tries again, in ms, while another replica has the lock and there are rows to publish. */
const RETRY_LOCK_MS = 100;
const LONGEST_PAUSE_MS = 5_000;
/**
 * Publishing gives up first: the bus's own limit for what it sends at once is below PUBLISH_TIMEOUT_MS, and only
 * LOCK_IDLE_MS without a statement makes the server end the transaction and with it the lock.
 */
const PUBLISH_TIMEOUT_MS = 25_000;
const LOCK_IDLE_MS = 40_000;
/** What a stop leaves for the last batch; rows that do not make it wait for the next process. */
const STOP_TIMEOUT_MS = 4_000;
/** A batch is bounded by its rows and by the length of their values, so that large events do not fill the memory. */
const MAX_ROWS = 100;
const MAX_BYTES = 900_000;
/** Any constant will do, as long as all replicas of a service take the same. */
const LOCK = 7_262_027;

export type Relay = {
  /** `topics` are those that this service publishes to. */
  start(topics: readonly string[]): void;
  /** Tells the relay that a transaction with an event has committed. */
  wake(): void;
  /** Publishes what is left, as far as the bus takes it within a few seconds, and ends. */
  stop(): Promise<void>;
};

/**
 * Publishes the outbox in the order of its rows. One replica at a time holds the lock, which keeps events of one
 * key in order. It looks again once it has let the lock go: a replica that was refused the lock had committed its rows by
 * then, so they are seen, and none waits for the poll. A row is deleted once the bus has stored it; a crash in between publishes it twice, and the
 * consumers' inbox deduplicates. An event that the bus can never take, because it is too large or its type is none of the
 * service's topics, becomes a dead letter of the relay, so that those behind it go out.
 */
export function createRelay(options: {
  pool: pg.Pool;
  bus: EventBus;
  service: string;
  log: Logger;
  metrics: Metrics;
}): Relay {
  const { pool, bus, service, log, metrics } = options;
  const published = metrics.counter('outbox_published_total', 'Events handed to the bus.', ['topic']);
  const failures = metrics.counter('outbox_failures_total', 'Attempts to publish that failed.');
  const gauges = outboxGauges(options);

  let wakeUp = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  const lastCall = new AbortController();
  let stopping = false;
  let topics: readonly string[] = [];
  let loop: Promise<void> = Promise.resolve();

  async function publish(rows: OutboxRow[]): Promise<void> {
    const signal = AbortSignal.any([lastCall.signal, AbortSignal.timeout(PUBLISH_TIMEOUT_MS)]);
    signal.throwIfAborted();
    const events = rows.map((row) => toEvent(row, service));
    await unlessAborted(bus.publish(events, signal), signal);
  }

  /** @returns whether all of them have been published; else one of them has been given up */
  async function publishOrGiveUp(client: pg.PoolClient, rows: OutboxRow[]): Promise<boolean> {
    try {
      if (rows.length > 0) await publish(rows);
      return true;
    } catch (error) {
      const refused = error instanceof RefusedEventError && rows.find(({ id }) => id === error.event.id);
      if (!refused) throw error;
      await giveUp(client, refused, error.message);
      return false;
    }
  }

  async function giveUp(client: pg.PoolClient, row: OutboxRow, error: string): Promise<void> {
    const letter = toDeadLetter(toEvent(row, service), { group: outboxName(service), error, attempts: 1 });
    await putDeadLetter(client, { ...letter, headers: { ...letter.headers, aggregatetype: row.aggregatetype } });
    await deleteBatch(client, [row]);
    log.error({ topic: row.type, event_id: row.id, reason: error }, 'event became a dead letter of the outbox');
  }

  /** @returns false where another replica has the lock */
  async function publishLocked(client: pg.PoolClient): Promise<boolean> {
    await client.query(`BEGIN; SET LOCAL idle_in_transaction_session_timeout = ${LOCK_IDLE_MS}`);
    const locked = await tryLock(client);
    if (locked) await publishRows(client, await oldestRows(client));
    await client.query('COMMIT');
    return locked;
  }

  async function publishRows(client: pg.PoolClient, rows: OutboxRow[]): Promise<void> {
    const known = rows.filter(({ type }) => topics.includes(type));
    const unknown = rows.filter((row) => !known.includes(row));
    const isDone = await publishOrGiveUp(client, known);
    if (isDone) await deleteBatch(client, known);
    for (const row of unknown) await giveUp(client, row, 'there is no such topic');
    if (isDone) for (const row of known) published.inc({ topic: row.type });
  }

  /** A connection whose transaction did not end well is closed, which ends the transaction. */
  async function publishBatch(): Promise<boolean> {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      return await unlessAborted(publishLocked(client), lastCall.signal);
    } catch (error) {
      broken = error as Error;
      throw error;
    } finally {
      client.release(broken);
    }
  }

  async function isPending(): Promise<boolean> {
    const { rows } = await pool.query<{ pending: boolean }>('SELECT EXISTS (SELECT FROM outbox) AS pending');
    return rows[0]?.pending ?? false;
  }

  /** The replica that has the lock publishes the rows of others too; where it dies, one of them takes over. */
  async function publishAll(): Promise<void> {
    while (!stopping && (await isPending())) {
      if (await publishBatch()) continue;
      await Promise.race([sleep(RETRY_LOCK_MS), stopped.promise]);
    }
  }

  async function run(): Promise<void> {
    let failed = 0;
    while (!stopping) {
      try {
        await publishAll();
        if (failed > 0) log.info({ failed }, 'events are published again');
        failed = 0;
      } catch (error) {
        failures.inc();
        if (failed === 0) log.warn({ err: error }, 'events wait in the outbox: they cannot be published now');
        failed += 1;
      }
      await pause(failed);
    }
  }

  /** While the bus is away, new rows do not cut the pause short. */
  async function pause(failed: number): Promise<void> {
    const controller = new AbortController();
    const timer = sleep(Math.min(POLL_MS * Math.max(1, failed), LONGEST_PAUSE_MS), undefined, {
      signal: controller.signal,
    });
    await Promise.race([timer.catch(() => {}), stopped.promise, ...(failed > 0 ? [] : [wakeUp.promise])]);
    controller.abort();
    wakeUp = Promise.withResolvers<void>();
  }

  async function publishRest(): Promise<void> {
    await loop;
    while ((await isPending()) && (await publishBatch()));
  }

  return {
    start(given) {
      topics = given;
      gauges.start();
      loop = run();
    },
    wake: () => wakeUp.resolve(),
    async stop() {
      stopping = true;
      stopped.resolve();
      const timer = setTimeout(() => lastCall.abort(), STOP_TIMEOUT_MS);
      try {
        await unlessAborted(publishRest(), lastCall.signal);
      } catch (error) {
        log.info({ err: error }, 'events stay in the outbox for the next process');
      } finally {
        clearTimeout(timer);
        gauges.stop();
      }
    },
  };
}

type OutboxRow = {
  id: string;
  position: string;
  aggregatetype: string;
  aggregateid: string;
  type: string;
  payload: unknown;
  request_id: string | null;
  time_created: Date;
};

/** Walks from row to row and reads no value beyond the first that is too many. One row alone may be of any size. */
const NEXT_ROWS = `
  WITH RECURSIVE batch AS (
    (SELECT position, octet_length(payload::text)::bigint AS bytes, 1 AS size FROM outbox ORDER BY position LIMIT 1)
    UNION ALL
    SELECT next.position, batch.bytes + next.bytes, batch.size + 1
      FROM batch, LATERAL (SELECT position, octet_length(payload::text)::bigint AS bytes FROM outbox
                            WHERE position > batch.position ORDER BY position LIMIT 1) AS next
     WHERE batch.size < $1 AND batch.bytes + next.bytes <= $2
  )
  SELECT id, position, aggregatetype, aggregateid, type, payload, request_id, time_created
    FROM outbox JOIN batch USING (position) ORDER BY position`;

/** The lock ends with the transaction. */
async function tryLock(client: pg.PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS locked', [LOCK]);
  return rows[0]?.locked ?? false;
}

async function oldestRows(client: pg.PoolClient): Promise<OutboxRow[]> {
  const { rows } = await client.query<OutboxRow>(NEXT_ROWS, [MAX_ROWS, MAX_BYTES]);
  return rows;
}

async function deleteBatch(client: pg.PoolClient, rows: OutboxRow[]): Promise<void> {
  await client.query('DELETE FROM outbox WHERE position = ANY($1::bigint[])', [rows.map((row) => row.position)]);
}

function toEvent(row: OutboxRow, service: string): Event {
  return {
    id: row.id,
    type: row.type,
    source: sourceOf(service),
    time: row.time_created.toISOString(),
    key: row.aggregateid,
    sequence: row.position,
    data: row.payload,
    ...(row.request_id !== null && { requestId: row.request_id }),
  };
}

/** The work's result; rejects as soon as the signal aborts, and lets the work end unheard. */
async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
