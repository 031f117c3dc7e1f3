import type pg from 'pg';
import type { DatabaseConfig } from '../config/database.ts';
import type { Logger } from '../observability/log.ts';
import { RotatingPool } from './rotating-pool.ts';

const IDLE_TIMEOUT_MS = 60_000;

/** A bounded pool that opens connections as they are needed, so a service starts before its database does. */
export function createPool(config: DatabaseConfig, log: Logger): pg.Pool {
  config.url.onProblem((problem) => log.error({ problem }, 'the URL of the database cannot be read again'));
  const limits = sessionLimits(config);
  const pool = new RotatingPool(config.url, {
    max: config.poolSize,
    connectionTimeoutMillis: config.connectTimeoutMs,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    // A pooler refuses parameters of a session that it does not know; the role has them instead (migrate.ts).
    ...(!config.pooled && limits),
    named: !config.pooled,
    // Longer than the server's own limit: it ends a wait for a server that has gone silent.
    query_timeout: config.statementTimeoutMs + config.connectTimeoutMs,
    keepAlive: true,
  });
  pool.on('error', (error) => log.warn({ err: error }, 'an idle database connection broke'));
  // The query on a connection that breaks rejects; without a listener the event would end the process besides.
  pool.on('connect', (client) =>
    client.on('error', (error) => log.debug({ err: error }, 'a database connection broke')),
  );
  return pool;
}

/** Limits in ms that the server itself keeps for a session, by the names of its settings. */
export const sessionLimits = ({ statementTimeoutMs }: Pick<DatabaseConfig, 'statementTimeoutMs'>) => ({
  statement_timeout: statementTimeoutMs,
  idle_in_transaction_session_timeout: statementTimeoutMs * 2,
});

/** Takes a role's limits off a session that may take its time. */
export const WITHOUT_LIMITS = 'SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0';
