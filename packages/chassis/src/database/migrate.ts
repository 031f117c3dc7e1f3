import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import pg from 'pg';
import { type DatabaseConfig, readDatabaseConfig } from '../config/database.ts';
import { ConfigError, type Env } from '../config/env.ts';
import { createLogger, type Logger } from '../observability/log.ts';
import { type PrismaFolder, readPrismaFolder } from './migrations.ts';
import { sessionLimits, WITHOUT_LIMITS } from './pool.ts';
import type { EngineTask } from './schema-engine.ts';
import { isTransient } from './transient.ts';

/** How long a migration waits for its database to come up, and how often it looks. */
const WAIT_MS = 300_000;
const RETRY_MS = 1_000;
/** Any constant will do, as long as every migrator of a database takes the same. */
const LOCK = 7_262_026;

/**
 * Applies what the database lacks, with Prisma's own engine as WebAssembly, one migrator at a time.
 * @returns the names of the migrations applied
 */
export async function applyMigrations(databaseUrl: string, folder: PrismaFolder): Promise<string[]> {
  const lock = new pg.Client({ connectionString: databaseUrl });
  await lock.connect();
  try {
    await lock.query(WITHOUT_LIMITS);
    await lock.query('SELECT pg_advisory_lock($1)', [LOCK]);
    return await runEngine(databaseUrl, folder);
  } finally {
    await lock.end();
  }
}

/**
 * Gives the role, in this database, the limits that services cannot ask a pooler for. Sessions begin with them; those that
 * the pooler keeps from before are ended while they are idle, for which it opens others.
 * @returns whether that changed anything
 */
export async function limitSessions(config: DatabaseConfig): Promise<boolean> {
  const client = new pg.Client({ connectionString: config.directUrl.value() });
  await client.connect();
  try {
    const wanted = Object.entries(sessionLimits(config)).map(([name, ms]) => `${name}=${ms}`);
    const { rows } = await client.query<{ setconfig: string[] }>(SETTINGS_OF_ROLE);
    if (wanted.every((setting) => rows[0]?.setconfig.includes(setting))) return false;
    const role = `ROLE CURRENT_USER IN DATABASE ${client.escapeIdentifier(client.database ?? '')}`;
    for (const setting of wanted) await client.query(`ALTER ${role} SET ${setting}`);
    await client.query(END_IDLE_SESSIONS);
    return true;
  } finally {
    await client.end();
  }
}

const SETTINGS_OF_ROLE = `
  SELECT setconfig FROM pg_db_role_setting
   WHERE setrole = CURRENT_USER::regrole AND setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())`;
const END_IDLE_SESSIONS = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity
   WHERE usename = CURRENT_USER AND datname = current_database() AND state = 'idle' AND pid <> pg_backend_pid()`;

/** In a thread of its own, for the engine leaves the ten seconds of its lock's time-out ticking. */
async function runEngine(databaseUrl: string, folder: PrismaFolder): Promise<string[]> {
  const workerData: EngineTask = { databaseUrl, folder };
  const worker = new Worker(new URL('schema-engine.ts', import.meta.url), { workerData });
  try {
    const [applied] = (await once(worker, 'message')) as [string[]];
    return applied;
  } finally {
    await worker.terminate();
  }
}

/** The `migrate` command of a service: waits for the database, migrates, and says what it did. */
export async function runMigrate(service: string, prismaDir: URL, env: Env): Promise<void> {
  const log = createLogger(`${service}-migrate`, env.LOG_LEVEL || 'info');
  try {
    const config = readDatabaseConfig(env);
    const url = config.directUrl;
    if (config.pooled && (await whenReachable(log, () => limitSessions(config)))) {
      log.info(sessionLimits(config), 'sessions of the role have limits now');
    }
    const applied = await whenReachable(log, () => applyMigrations(url.value(), readPrismaFolder(prismaDir)));
    log.info({ applied }, applied.length > 0 ? 'migrations applied' : 'the schema is up to date');
  } catch (error) {
    if (error instanceof ConfigError) log.fatal(error.message);
    else log.fatal({ err: error }, 'migration failed');
    process.exitCode = 1;
  }
}

async function whenReachable<T>(log: Logger, work: () => Promise<T>): Promise<T> {
  const deadline = Date.now() + WAIT_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isTransient(error) || Date.now() > deadline) throw error;
      log.info('waiting for the database');
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}
