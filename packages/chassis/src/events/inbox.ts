import type { z } from 'zod';
import type { SqlExecutor, Transaction } from '../database/sql.ts';
import type { Event, EventHandler } from './event.ts';

/**
 * A handler whose effect happens once however often its event arrives: the event's id goes into
 * `processed_events` in the transaction of the effect, and an id that is there already ends it.
 * A value that is not as `schema` says makes the handler fail, which leads the event to the dead letters.
 */
export function onceOnly<Tables extends { db: SqlExecutor }, Schema extends z.ZodType>(
  transaction: Transaction<Tables>,
  schema: Schema,
  effect: (tables: Tables, data: z.infer<Schema>, event: Event) => Promise<void>,
): EventHandler {
  return async (event) => {
    const data = schema.parse(event.data);
    await transaction(async (tables) => {
      const isNew = await tables.db.$executeRaw`
        INSERT INTO processed_events (event_id, event_type) VALUES (${event.id}::uuid, ${event.type})
        ON CONFLICT DO NOTHING`;
      if (isNew === 1) await effect(tables, data, event);
    });
  };
}
