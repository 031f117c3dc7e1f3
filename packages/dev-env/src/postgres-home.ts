import { chmod, mkdir, mkdtemp, readlink, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { canReach, type User } from './postgres-user.ts';
import { SetupError } from './setup-error.ts';

// World-readable by convention, and kept over a restart of the machine.
const SHARED_FOLDER = '/var/tmp';

/**
 * The folder that holds the cluster: `dataDir` itself, or, where root keeps that in a folder that Postgres's user
 * cannot enter (/root, for one), a folder below /var/tmp to which `dataDir` then holds a link.
 */
export async function postgresHome(dataDir: string, user: User | undefined): Promise<string> {
  await makeFolder(dataDir);
  if (!user) return dataDir;

  await chmod(dataDir, 0o711);
  if (canReach(dataDir, user)) return dataDir;

  const linked = await linkedHome(dataDir);
  if (linked !== undefined && canReach(linked, user)) return linked;
  const home = await mkdtemp(join(SHARED_FOLDER, 'wave-connect-postgres-'));
  await chmod(home, 0o711);
  await rm(linkIn(dataDir), { force: true });
  await symlink(home, linkIn(dataDir));
  return home;
}

/** Removes a data folder, and what it links to. */
export async function removePostgresData(dataDir: string): Promise<void> {
  const linked = await linkedHome(dataDir);
  if (linked?.startsWith(join(SHARED_FOLDER, 'wave-connect-postgres-')))
    await rm(linked, { recursive: true, force: true });
  await rm(dataDir, { recursive: true, force: true });
}

const linkIn = (dataDir: string) => join(dataDir, 'home');

const linkedHome = (dataDir: string): Promise<string | undefined> => readlink(linkIn(dataDir)).catch(() => undefined);

async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true });
  } catch (error) {
    throw new SetupError(`the data folder ${path} cannot be made (${(error as NodeJS.ErrnoException).code})`);
  }
}
