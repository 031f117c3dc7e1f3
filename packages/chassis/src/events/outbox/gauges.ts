import type pg from 'pg';
import type { Logger } from '../../observability/log.ts';
import type { Metrics } from '../../observability/metrics.ts';

/** How often, in ms, the outbox is looked at. */
const LOOK_MS = 1_000;
/** No more rows than this are counted. */
const MAX_COUNTED = 10_000;

export type OutboxGauges = { start(): void; stop(): void };

/**
 * Shows how much waits in the outbox and since when. Every replica looks for itself, whichever publishes. The
 * database's clock dates the rows, a monotonic one the time since the look, so an outbox that cannot be looked at
 * grows older and a clock that is set does not show.
 */
export function outboxGauges({ pool, log, metrics }: { pool: pg.Pool; log: Logger; metrics: Metrics }): OutboxGauges {
  let seen = { pending: 0, ageS: 0, at: performance.now() };
  let looking = false;
  let timer: NodeJS.Timeout | undefined;
  metrics.observedGauge('outbox_oldest_age_seconds', 'Age of the oldest event not yet published.', () =>
    seen.pending === 0 ? 0 : seen.ageS + (performance.now() - seen.at) / 1_000,
  );
  metrics.observedGauge(
    'outbox_pending',
    `Events not yet published; ${MAX_COUNTED} stands for that many or more.`,
    () => seen.pending,
  );

  async function look(): Promise<void> {
    if (looking) return;
    looking = true;
    try {
      const { rows } = await pool.query<{ pending: number; age: number }>(
        `SELECT count(*)::int AS pending,
                coalesce(greatest(extract(epoch FROM clock_timestamp() - min(time_created)), 0), 0)::float8 AS age
           FROM (SELECT time_created FROM outbox ORDER BY position LIMIT $1) AS oldest`,
        [MAX_COUNTED],
      );
      seen = { pending: rows[0]?.pending ?? 0, ageS: rows[0]?.age ?? 0, at: performance.now() };
    } catch (error) {
      log.debug({ err: error }, 'the outbox cannot be looked at now');
    } finally {
      looking = false;
    }
  }

  return {
    start() {
      timer = setInterval(look, LOOK_MS).unref();
      void look();
    },
    stop: () => clearInterval(timer),
  };
}
