import type pg from 'pg';
import type { Check } from '../observability/health.ts';
import type { Migration } from './migrations.ts';

type Applied = { migration_name: string; checksum: string; finished: boolean };

const UNDEFINED_TABLE = '42P01';

/**
 * Readiness of a database: it responds, it takes writes, which a standby does not, and it holds every migration that this
 * build knows, unchanged. Migrations that only a newer build knows are no obstacle, since each release's migrations must
 * leave the release before it working (docs/decisions); so a rolling upgrade does not take the old pods away.
 */
export function databaseCheck(pool: pg.Pool, migrations: Migration[]): Check {
  let matched = false;
  return {
    name: 'database',
    async run() {
      await assertWritable(pool);
      if (matched) return;
      const problem = schemaProblem(migrations, await readApplied(pool));
      if (problem !== undefined) throw new Error(problem);
      matched = true;
    },
  };
}

/** After a failover a connection may lead to what has become a standby. */
async function assertWritable(pool: pg.Pool): Promise<void> {
  if (await isReadOnly(pool)) throw new Error('the database is read-only');
}

async function isReadOnly(pool: pg.Pool): Promise<boolean> {
  try {
    const { rows } = await pool.query<{ transaction_read_only: string }>('SHOW transaction_read_only');
    return rows[0]?.transaction_read_only === 'on';
  } catch {
    throw new Error('the database does not respond');
  }
}

async function readApplied(pool: pg.Pool): Promise<Applied[]> {
  try {
    const { rows } = await pool.query<Applied>(
      `SELECT migration_name, checksum, finished_at IS NOT NULL AS finished
         FROM _prisma_migrations WHERE rolled_back_at IS NULL`,
    );
    return rows;
  } catch (error) {
    if ((error as { code?: string }).code === UNDEFINED_TABLE) return [];
    throw new Error('the database does not respond');
  }
}

/** What keeps this build from working on a database with these migrations applied, if anything. */
function schemaProblem(known: Migration[], applied: Applied[]): string | undefined {
  const byName = new Map(applied.map((migration) => [migration.migration_name, migration]));
  for (const { name, checksum } of known) {
    const found = byName.get(name);
    if (!found) return `the schema lacks migration ${name}; run the migrate command`;
    if (!found.finished) return `migration ${name} has not finished`;
    if (found.checksum !== checksum) return `migration ${name} differs from the one this build knows`;
  }
  return undefined;
}
