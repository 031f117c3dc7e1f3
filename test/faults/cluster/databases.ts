import { join } from 'node:path';
import { type PostgresServer, startPostgres, withClient } from '@wave-connect/dev-env/postgres';
import { isAlive } from '@wave-connect/dev-env/processes';
import { type DataServiceName, databaseName, runMigrations } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { createDisk, type SmallDisk } from './small-disk.ts';

const MiB = 1024 * 1024;
const DISK_BYTES = 768 * MiB;
const SETTINGS = [
  // What a kill must not lose; the machine itself stays up, so there is no need of fsync.
  'synchronous_commit=on',
  // Leaves most of a small disk to tables.
  'max_wal_size=128MB',
];
const BACK_DEADLINE_MS = 30_000;

/** A service's Postgres, migrated, where it can be on a disk of its own. */
export type Database = {
  readonly server: PostgresServer;
  readonly url: string;
  fillDisk(): Promise<void>;
  freeDisk(): Promise<void>;
  stop(): Promise<void>;
};

export async function startDatabase(
  service: DataServiceName,
  options: { folder: string; ownDisk: boolean; log: (line: string) => void; signal: AbortSignal },
): Promise<Database> {
  const { log, signal } = options;
  const place = join(options.folder, `postgres-${service}`);
  const disk = options.ownDisk ? await createDisk(place, DISK_BYTES) : undefined;
  let server: PostgresServer | undefined;
  const stop = async () => {
    await server?.stop();
    await disk?.remove();
  };
  try {
    server = await startPostgres({ dataDir: join(place, 'data'), persistent: false, settings: SETTINGS, log, signal });
    const name = databaseName(service);
    await server.createDatabase(name);
    await runMigrations(service, server.url(name), { onLine: log, signal });
    return { server, url: server.url(name), stop, ...onDisk(server, disk) };
  } catch (error) {
    await stop();
    throw error;
  }
}

function onDisk(server: PostgresServer, disk: SmallDisk | undefined): Pick<Database, 'fillDisk' | 'freeDisk'> {
  const settled = async () => {
    if (!isAlive(server.pid)) await server.restart();
    return withClient(server.url('postgres'), async (client) => !!(await client.query('SELECT 1')));
  };
  return {
    async fillDisk() {
      if (!disk) throw new Error('this machine gives no disks of their own');
      await disk.fill();
    },
    async freeDisk() {
      await disk?.free();
      await waitFor('Postgres to be back', settled, { deadlineMs: BACK_DEADLINE_MS });
    },
  };
}
