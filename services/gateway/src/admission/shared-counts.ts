import { createCircuitBreaker } from '@wave-connect/chassis/circuit-breaker';
import type { Secret } from '@wave-connect/chassis/config';
import { RotatingPool } from '@wave-connect/chassis/database';
import type { Logger, Metrics } from '@wave-connect/chassis/observability';
import type { Part } from '@wave-connect/chassis/service';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { type Counter, type CounterOptions, countInMemory } from './rate-limits.ts';

/** Connections and times in ms that fit a statement that every request waits for. */
const POOL_SIZE = 4;
const TIMEOUT_MS = 500;
/** After one failure each process counts for itself for so long, in ms. */
const CIRCUIT_BREAKER = { failures: 1, resetMs: 1_000 };

const TABLE = 'rate_limits';
/** The library's own columns. After a crash of the server counts start anew. */
const CREATE_TABLE = `
  CREATE UNLOGGED TABLE IF NOT EXISTS ${TABLE}
    (key VARCHAR(255) PRIMARY KEY, points INTEGER NOT NULL DEFAULT 0, expire BIGINT)`;

export type SharedCounts = Part & { createCounter(options: CounterOptions): Counter };

/** Counts that all processes with this database share. While it is away, each counts for itself. */
export function createSharedCounts(url: Secret, { log, metrics }: { log: Logger; metrics: Metrics }): SharedCounts {
  url.onProblem((problem) => log.error({ problem }, 'the URL of the shared counts cannot be read again'));
  const pool = new RotatingPool(url, {
    max: POOL_SIZE,
    connectionTimeoutMillis: TIMEOUT_MS,
    statement_timeout: TIMEOUT_MS,
    query_timeout: 2 * TIMEOUT_MS,
    keepAlive: true,
  });
  pool.on('error', (error) => log.debug({ err: error }, 'an idle connection to the shared counts broke'));
  const breaker = createCircuitBreaker(CIRCUIT_BREAKER, (state) => {
    if (state === 'closed') log.info('rate limits are shared again');
  });
  const help = 'Whether each process counts for itself because the shared counts are away.';
  metrics.observedGauge('rate_limit_store_away', help, () => Number(breaker.state !== 'closed'));
  let table: Promise<unknown> | undefined;

  function failed(error: unknown): void {
    if (breaker.state === 'closed')
      log.warn({ err: error }, 'the shared counts are away: each process counts for itself');
    table = undefined;
    breaker.failed();
  }

  return {
    name: 'shared counts',
    stop: () => pool.end(),
    createCounter(options) {
      const { policy, points, duration } = options;
      const local = countInMemory(options);
      const shared = new RateLimiterPostgres({
        storeClient: pool,
        storeType: 'pool',
        tableName: TABLE,
        tableCreated: true,
        clearExpiredByTimeout: true,
        keyPrefix: policy,
        points,
        duration,
      });

      async function consumeShared(caller: string | number): Promise<RateLimiterRes> {
        table ??= pool.query(CREATE_TABLE);
        await table;
        return shared.consume(caller);
      }

      return {
        async consume(caller) {
          if (!breaker.tryAcquire()) return local.consume(caller);
          try {
            const counted = await consumeShared(caller);
            breaker.succeeded();
            return counted;
          } catch (error) {
            if (error instanceof RateLimiterRes) {
              breaker.succeeded();
              throw error;
            }
            failed(error);
            return local.consume(caller);
          }
        },
      };
    },
  };
}
