import type { SqlExecutor, Transaction } from '../database/sql.ts';
import type { Event, EventHandler } from './event.ts';

/**
 * A handler whose effect happens once however often its event arrives: the event's id goes into
 * `processed_events` in the transaction of the effect, and an id that is there already ends it.
 */
export function onceOnly<Tx extends SqlExecutor, Data>(
  transaction: Transaction<Tx>,
  effect: (tx: Tx, data: Data, event: Event<Data>) => Promise<void>,
): EventHandler<Data> {
  return async (event) => {
    await transaction(async (tx) => {
      const isNew = await tx.$executeRaw`
        INSERT INTO processed_events (event_id, event_type) VALUES (${event.id}::uuid, ${event.type})
        ON CONFLICT DO NOTHING`;
      if (isNew === 1) await effect(tx, event.data, event);
    });
  };
}
