import { mkdir, rmdir, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@wave-connect/dev-env/machine';
import { type PostgresServer, startPostgres } from '@wave-connect/dev-env/postgres';
import { guardMount, isAlive } from '@wave-connect/dev-env/processes';
import { type DataServiceName, databaseName, runMigrations } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { run } from '../../support/command.ts';
import { count } from '../../support/database.ts';

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
  const isBack = async () => {
    if (!isAlive(server.pid)) await server.restart();
    return (await count(server.url('postgres'), 'SELECT 1')) === 1;
  };
  return {
    async fillDisk() {
      if (!disk) throw new Error('this machine gives no disks of their own');
      await disk.fill();
    },
    async freeDisk() {
      await disk?.free();
      await waitFor('Postgres to be back', isBack, { deadlineMs: BACK_DEADLINE_MS });
    },
  };
}

const FILL_DEADLINE_MS = 10_000;

/** A disk of its own, in memory, whose room can be taken away. */
type SmallDisk = {
  /** Makes it as small as what is on it: what then asks for more is told ENOSPC. */
  fill(): Promise<void>;
  free(): Promise<void>;
  remove(): Promise<void>;
};

/** Why this machine gives no disks of their own, if so. */
export async function disksUnavailable(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'filling a disk needs root on Linux';
  try {
    await (await createDisk(await temporaryFolder(), MiB)).remove();
    return undefined;
  } catch (error) {
    return `a file system cannot be mounted: ${(error as Error).message.trim()}`;
  }
}

/** Mounts an empty disk of so many bytes at `folder`. Other users may pass through it. */
async function createDisk(folder: string, bytes: number): Promise<SmallDisk> {
  const resize = (size: number) => run('mount', ['-o', `remount,size=${size}`, folder]);
  /** Refused where more has been written meanwhile. */
  const shrink = async () => {
    const { blocks, bfree, bsize } = await statfs(folder);
    await resize((blocks - bfree) * bsize);
    return true;
  };
  await mkdir(folder, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=711`, 'wave-connect', folder]);
  const forget = guardMount(folder);
  return {
    fill: () => waitFor('the disk to be full', shrink, { deadlineMs: FILL_DEADLINE_MS }),
    free: async () => void (await resize(bytes)),
    async remove() {
      await run('umount', ['-l', folder]);
      forget();
      await rmdir(folder);
    },
  };
}
