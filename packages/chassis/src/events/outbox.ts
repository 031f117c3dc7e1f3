import type { Payloads, TopicName } from '@wave-connect/contracts/topics.ts';
import type { SqlExecutor } from '../database/sql.ts';
import { requestId } from '../observability/request-context.ts';

/**
 * Writes an event beside the change that it tells of, in the same transaction; the relay publishes it.
 * `aggregateType` and `aggregateId` name what changed; the id is also the event's key.
 * @returns the event's sequence number
 */
export async function appendToOutbox<Topic extends TopicName>(
  tx: SqlExecutor,
  event: { type: Topic; aggregateType: string; aggregateId: string; payload: Payloads[Topic] },
): Promise<bigint> {
  const rows = await tx.$queryRaw<{ position: bigint }[]>`
    INSERT INTO outbox (aggregatetype, aggregateid, type, payload, request_id)
    VALUES (${event.aggregateType}, ${event.aggregateId}, ${event.type}, ${JSON.stringify(event.payload)}::jsonb,
            ${requestId() ?? null})
    RETURNING position`;
  const row = rows[0];
  if (!row) throw new Error('the outbox returned no row');
  return row.position;
}
