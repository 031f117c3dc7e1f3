import type pg from 'pg';
import type { SqlExecutor, Transaction } from '../../database/sql.ts';
import type { Logger } from '../../observability/log.ts';
import type { Part } from '../../part.ts';
import type { Event, EventHandler } from '../event.ts';

/** Longer than any bus keeps an event, so an id that is forgotten does not come again. */
const KEEP_DAYS = 30;
const PRUNE_EVERY_MS = 3_600_000;

/**
 * A handler whose effect happens once however often its event arrives: the event's id goes into
 * `processed_events` in the transaction of the effect, and an id that is there already ends it.
 */
export function onceOnly<Tables extends { db: SqlExecutor }, Data>(
  transaction: Transaction<Tables>,
  effect: (tables: Tables, data: Data, event: Event<Data>) => Promise<void>,
): EventHandler<Data> {
  return async (event) => {
    await transaction(async (tables) => {
      const isNew = await tables.db.$executeRaw`
        INSERT INTO processed_events (event_id, event_type) VALUES (${event.id}::uuid, ${event.type})
        ON CONFLICT DO NOTHING`;
      if (isNew === 1) await effect(tables, event.data, event);
    });
  };
}

/** Keeps `processed_events` from growing without end. */
export function inboxPruning(pool: pg.Pool, log: Logger): Part {
  let timer: NodeJS.Timeout | undefined;
  const prune = async () => {
    try {
      await pool.query('DELETE FROM processed_events WHERE processed_at < now() - make_interval(days => $1)', [
        KEEP_DAYS,
      ]);
    } catch (error) {
      log.warn({ err: error }, 'old entries of the inbox stay for now');
    }
  };
  return {
    name: 'inbox pruning',
    start() {
      timer = setInterval(prune, PRUNE_EVERY_MS).unref();
    },
    stop: () => clearInterval(timer),
  };
}
