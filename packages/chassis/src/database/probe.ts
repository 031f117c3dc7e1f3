import type pg from 'pg';

const PROBE_TIMEOUT_MS = 2_000;

/** Whether the database responds at the moment, asked by way of the pool. */
export async function databaseResponds(pool: pg.Pool): Promise<boolean> {
  const probe: pg.QueryConfig & { query_timeout: number } = { text: 'SELECT 1', query_timeout: PROBE_TIMEOUT_MS };
  try {
    await pool.query(probe);
    return true;
  } catch {
    return false;
  }
}
