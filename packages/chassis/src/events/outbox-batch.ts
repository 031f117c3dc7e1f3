import type pg from 'pg';
import type { Event } from './event.ts';

/** A batch is bounded by its rows and by the length of their values, so that avatars do not fill the memory. */
const MAX_ROWS = 100;
const MAX_BYTES = 900_000;
/** Any constant will do, as long as all replicas of a service take the same. */
const LOCK = 7_262_027;

export type OutboxRow = {
  id: string;
  position: string;
  aggregatetype: string;
  aggregateid: string;
  type: string;
  payload: unknown;
  request_id: string | null;
  time_created: Date;
};

export type OutboxBatch = { rows: OutboxRow[] /** Whether more may be waiting. */; more: boolean };

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

/** The oldest rows, or none where another replica publishes at the moment. The lock ends with the transaction. */
export async function lockBatch(client: pg.PoolClient): Promise<OutboxBatch> {
  const lock = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS locked', [LOCK]);
  if (!lock.rows[0]?.locked) return { rows: [], more: false };
  const { rows } = await client.query<OutboxRow>(NEXT_ROWS, [MAX_ROWS, MAX_BYTES]);
  const last = rows.at(-1);
  if (last === undefined) return { rows, more: false };
  const rest = await client.query<{ more: boolean }>('SELECT EXISTS (SELECT FROM outbox WHERE position > $1) AS more', [
    last.position,
  ]);
  return { rows, more: rest.rows[0]?.more ?? false };
}

export async function deleteBatch(client: pg.PoolClient, rows: OutboxRow[]): Promise<void> {
  await client.query('DELETE FROM outbox WHERE position = ANY($1::bigint[])', [rows.map((row) => row.position)]);
}

export function toEvent(row: OutboxRow, service: string): Event {
  return {
    id: row.id,
    type: row.type,
    source: `/${service}`,
    time: row.time_created.toISOString(),
    key: row.aggregateid,
    sequence: row.position,
    data: row.payload,
    ...(row.request_id !== null && { requestId: row.request_id }),
  };
}
