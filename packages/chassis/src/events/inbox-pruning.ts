import type pg from 'pg';
import type { Logger } from '../observability/log.ts';
import type { Part } from '../part.ts';

/** Longer than any bus keeps an event, so an id that is forgotten does not come again. */
const KEEP_DAYS = 30;
const EVERY_MS = 3_600_000;

/** Keeps `processed_events` from growing for ever. */
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
      timer = setInterval(prune, EVERY_MS).unref();
    },
    stop: () => clearInterval(timer),
  };
}
