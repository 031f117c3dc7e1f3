import { parentPort, workerData } from 'node:worker_threads';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import { SchemaEngine } from '@prisma/schema-engine-wasm';
import pg from 'pg';
import type { PrismaFolder } from './migrations.ts';
import { WITHOUT_LIMITS } from './pool.ts';
import { ScriptAdapter } from './script-adapter.ts';

export type EngineTask = { databaseUrl: string; folder: PrismaFolder };

/** Runs in a worker thread, whose end takes all with it that the engine leaves open. */
async function runTask({ databaseUrl, folder }: EngineTask): Promise<string[]> {
  const onConnect = async (client: pg.ClientBase) => void (await client.query(WITHOUT_LIMITS));
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 1, onConnect });
  const adapter = bindMigrationAwareSqlAdapterFactory(new ScriptAdapter(pool));
  const datamodels: [string, string][] = [[`${folder.dir}schema.prisma`, folder.schema]];
  const engine = await SchemaEngine.new({ datamodels }, () => {}, adapter);
  const { appliedMigrationNames } = await engine.applyMigrations({
    migrationsList: {
      baseDir: `${folder.dir}migrations`,
      lockfile: { path: 'migration_lock.toml', content: folder.lockfile },
      shadowDbInitScript: '',
      migrationDirectories: folder.migrations.map(({ name, sql }) => ({
        path: name,
        migrationFile: { path: 'migration.sql', content: { tag: 'ok', value: sql } },
      })),
    },
    filters: { externalTables: [], externalEnums: [] },
  });
  return appliedMigrationNames;
}

parentPort?.postMessage(await runTask(workerData as EngineTask));
