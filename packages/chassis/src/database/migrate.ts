import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import pg from 'pg';
import { readDatabaseConfig } from '../config/database.ts';
import { ConfigError, type Env } from '../config/env.ts';
import { createLogger, type Logger } from '../observability/log.ts';
import { type PrismaFolder, readPrismaFolder } from './migrations.ts';
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
    await lock.query('SELECT pg_advisory_lock($1)', [LOCK]);
    return await runEngine(databaseUrl, folder);
  } finally {
    await lock.end();
  }
}

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
    const { url } = readDatabaseConfig(env);
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
