import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { TOPICS } from '@wave-connect/chassis/events';
import { startKafka } from '@wave-connect/dev-env/kafka';
import { temporaryFolder } from '@wave-connect/dev-env/machine';
import { type PostgresServer, startPostgres } from '@wave-connect/dev-env/postgres';
import { type Env, runMigrations, type ServiceProcess, startService } from '@wave-connect/dev-env/system';
import type { Stage } from './stage.ts';
import { JWT_SECRET } from './token.ts';

type DataService = 'auth' | 'chat' | 'feed';

/** What services with data stand on. */
export type Backing = { postgres: PostgresServer; eventsUrl: string };

const EVENTS_DATABASE = 'events_db';

/** A server for one suite, without the waits for the disk that would be the same for all, and a bus. */
export async function startBacking(stage: Stage, { kafka }: { kafka: boolean }): Promise<Backing> {
  const postgres = stage.keep(await startPostgres({ dataDir: await temporaryFolder(), persistent: false }));
  if (kafka) {
    const broker = stage.keep(await startKafka({ dataDir: await temporaryFolder(), persistent: false }));
    await broker.createTopics(TOPICS);
    return { postgres, eventsUrl: broker.url };
  }
  await postgres.createDatabase(EVENTS_DATABASE);
  return { postgres, eventsUrl: postgres.url(EVENTS_DATABASE) };
}

/** A new database with the schema of that service. */
export async function createSchema(
  { postgres }: Backing,
  service: DataService,
  database = `${service}_db`,
): Promise<string> {
  await postgres.createDatabase(database);
  await runMigrations(service, postgres.url(database));
  return postgres.url(database);
}

export async function startDataService(
  stage: Stage,
  { eventsUrl }: Backing,
  { name, databaseUrl, env }: { name: DataService; databaseUrl: string; env?: Env },
): Promise<ServiceProcess> {
  const own = { DATABASE_URL: databaseUrl, EVENTS_URL: eventsUrl, JWT_SECRET, RATE_LIMIT: 'off', METRICS_PORT: '0' };
  return start(stage, name, { ...own, ...env });
}

/** The load of a row is one account at one address. */
const UNLIMITED_CALLER: Env = {
  RATE_LIMIT: 'off',
  MAX_REQUESTS_PER_CALLER: '100000',
  MAX_UPLOADS: '10000',
  MAX_UPLOADS_PER_CALLER: '10000',
  MAX_NEW_CONNECTIONS_PER_ADDRESS: '100000',
};

/** Our gateway, in front of one service, with a process for each core, as the proxies beside it use all of them. */
export async function startGateway(stage: Stage, service: DataService, url: string): Promise<ServiceProcess> {
  const own = { JWT_SECRET, METRICS_PORT: '0', [`${service.toUpperCase()}_SERVICE_URL`]: url };
  return start(stage, 'gateway', { WORKERS: String(availableParallelism()), ...UNLIMITED_CALLER, ...own });
}

async function start(stage: Stage, name: string, given: Env): Promise<ServiceProcess> {
  const { profiles } = stage;
  const recorded = profiles && { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${join(profiles, name)}` };
  return stage.keep(await startService({ name, env: { ...given, ...recorded } }));
}
