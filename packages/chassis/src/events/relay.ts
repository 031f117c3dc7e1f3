import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Logger } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { EventBus } from './bus.ts';
import type { Event } from './event.ts';

/** Rows published in one transaction. */
const BATCH = 100;
/** How long the relay waits, in ms, for rows that another replica or an earlier process has left. */
const POLL_MS = 1_000;
const LONGEST_PAUSE_MS = 5_000;
/** Any constant will do, as long as all replicas of a service take the same. */
const LOCK = 7_262_027;

type OutboxRow = {
  id: string;
  position: string;
  aggregateid: string;
  type: string;
  payload: unknown;
  request_id: string | null;
  time_created: Date;
};

export type Relay = {
  start(): void;
  /** Tells the relay that a transaction with an event has committed. */
  wake(): void;
  /** Publishes what is left, as far as the bus takes it, and ends. */
  stop(): Promise<void>;
};

/**
 * Publishes the outbox in the order of its rows. One replica at a time holds the lock, which keeps events of one
 * key in order. A row is deleted once the bus has stored it; a crash in between publishes it twice, which the
 * consumers' inbox absorbs.
 */
export function createRelay(options: {
  pool: pg.Pool;
  bus: EventBus;
  source: string;
  log: Logger;
  metrics: Metrics;
}): Relay {
  const { pool, bus, source, log, metrics } = options;
  const published = metrics.counter('outbox_published_total', 'Events handed to the bus.', ['topic']);
  const failures = metrics.counter('outbox_failures_total', 'Attempts to publish that failed.');
  let oldest: Date | undefined;
  metrics.observedGauge('outbox_oldest_age_seconds', 'Age of the oldest event not yet published.', () =>
    oldest === undefined ? 0 : (Date.now() - oldest.getTime()) / 1_000,
  );

  let wakeUp = Promise.withResolvers<void>();
  const stopped = Promise.withResolvers<void>();
  let stopping = false;
  let loop: Promise<void> = Promise.resolve();

  /** @returns whether a full batch went out, so more may be waiting */
  async function publishBatch(): Promise<boolean> {
    const client = await pool.connect();
    let broken: Error | undefined;
    try {
      await client.query('BEGIN');
      const rows = await lockedRows(client);
      oldest = rows[0]?.time_created;
      if (rows.length > 0) {
        await bus.publish(rows.map((row) => toEvent(row, source)));
        await client.query('DELETE FROM outbox WHERE position = ANY($1::bigint[])', [rows.map((row) => row.position)]);
      }
      await client.query('COMMIT');
      for (const row of rows) published.inc({ topic: row.type });
      if (rows.length > 0) oldest = undefined;
      return rows.length === BATCH;
    } catch (error) {
      broken = error as Error;
      await client.query('ROLLBACK').catch(() => {});
      throw error;
    } finally {
      client.release(broken);
    }
  }

  async function run(): Promise<void> {
    let failed = 0;
    while (!stopping) {
      try {
        while ((await publishBatch()) && !stopping);
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

  return {
    start() {
      loop = run();
    },
    wake: () => wakeUp.resolve(),
    async stop() {
      stopping = true;
      stopped.resolve();
      await loop;
      await publishBatch().catch(() => log.info('events stay in the outbox for the next process'));
    },
  };
}

/** The oldest rows, or none where another replica publishes at the moment. */
async function lockedRows(client: pg.PoolClient): Promise<OutboxRow[]> {
  const lock = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS locked', [LOCK]);
  if (!lock.rows[0]?.locked) return [];
  const { rows } = await client.query<OutboxRow>(
    `SELECT id, position, aggregateid, type, payload, request_id, time_created FROM outbox ORDER BY position LIMIT $1`,
    [BATCH],
  );
  return rows;
}

function toEvent(row: OutboxRow, source: string): Event {
  return {
    id: row.id,
    type: row.type,
    source,
    time: row.time_created.toISOString(),
    key: row.aggregateid,
    sequence: row.position,
    data: row.payload,
    ...(row.request_id !== null && { requestId: row.request_id }),
  };
}
