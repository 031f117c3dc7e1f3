import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort, requireFreePort } from '../machine/index.ts';
import {
  guardFolder,
  type ManagedProcess,
  type Part,
  StartError,
  startPart,
  startProcess,
  untilReady,
} from '../processes/index.ts';
import { waitFor } from '../waiting.ts';
import { POSTGRES_ENV, prepareCluster, requireUnused, SUPERUSER } from './cluster.ts';
import { createDatabase, dropDatabase, withClient } from './databases.ts';
import { findBinaries, postgresHome, postgresUser, removePostgresData } from './user.ts';

export type PostgresOptions = {
  dataDir: string;
  /** 0, the default, is any free one. */
  port?: number;
  /** False: made for speed, and `stop` removes the data folder. */
  persistent?: boolean;
  /** As name=value; they override the usual ones. */
  settings?: readonly string[];
  log?: (line: string) => void;
  signal?: AbortSignal | undefined;
};

export type PostgresServer = Part & {
  readonly port: number;
  /** A superuser's URL; the system has no other users. */
  url(database: string): string;
  createDatabase(name: string): Promise<void>;
  dropDatabase(name: string): Promise<void>;
};

const READY_DEADLINE_MS = 60_000;
const ORPHANS_DEADLINE_MS = 10_000;

/** Starts a Postgres server on loopback, making its cluster in `dataDir` when there is none yet. */
export async function startPostgres({ persistent = true, ...options }: PostgresOptions): Promise<PostgresServer> {
  const dataDir = resolve(options.dataDir);
  const user = postgresUser();
  const forget = persistent ? undefined : guardFolder(dataDir);
  const home = await postgresHome(dataDir, user);
  const forgetHome = persistent || home === dataDir ? undefined : guardFolder(home);
  const binaries = await findBinaries(home, user);
  const cluster = await prepareCluster(dataDir, home, binaries, user);
  if (options.port) await requireFreePort(options.port, 'POSTGRES_PORT');
  const port = options.port || (await freePort());
  const url = (database: string) => `postgres://${SUPERUSER}:${cluster.password}@127.0.0.1:${port}/${database}`;

  const launch = async (): Promise<ManagedProcess> => {
    await requireUnused(cluster.folder);
    const server = await startProcess({
      command: binaries.postgres,
      args: ['-D', cluster.folder, '-p', String(port), ...settings(persistent, options.settings)],
      env: POSTGRES_ENV,
      cwd: home,
      user,
      stopSignal: 'SIGINT',
      onLine: options.log,
    });
    return untilReady('Postgres', server, (ended) =>
      waitFor('Postgres to serve queries', () => servesQueries(url('postgres')), {
        deadlineMs: READY_DEADLINE_MS,
        signal: options.signal ? AbortSignal.any([options.signal, ended]) : ended,
      }),
    );
  };

  const part = await startPart(() => onceFree(launch));
  const stopServer = part.stop;
  const admin = url('postgres');
  return Object.assign(part, {
    port,
    url,
    createDatabase: (name: string) => createDatabase(admin, name),
    dropDatabase: (name: string) => dropDatabase(admin, name),
    stop: async (signal?: NodeJS.Signals) => {
      await stopServer(signal);
      if (persistent) return;
      await removePostgresData(dataDir);
      forget?.();
      forgetHome?.();
    },
  });
}

/** The children of a killed server take a moment to end, and Postgres does not start beside them. */
async function onceFree(launch: () => Promise<ManagedProcess>): Promise<ManagedProcess> {
  const deadline = Date.now() + ORPHANS_DEADLINE_MS;
  for (;;) {
    try {
      return await launch();
    } catch (error) {
      const orphans = error instanceof StartError && error.message.includes('pre-existing shared memory block');
      if (!orphans || Date.now() > deadline) throw error;
      await sleep(100);
    }
  }
}

const servesQueries = (url: string): Promise<boolean> =>
  withClient(url, async (client) => !!(await client.query('SELECT 1')));

function settings(persistent: boolean, given: readonly string[] = []): string[] {
  const common = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=300'];
  const disposable = [
    'fsync=off',
    'synchronous_commit=off',
    'full_page_writes=off',
    // Files in the data folder, so that a killed server leaves none elsewhere.
    'dynamic_shared_memory_type=mmap',
  ];
  return [...common, ...(persistent ? [] : disposable), ...given].flatMap((setting) => ['-c', setting]);
}
