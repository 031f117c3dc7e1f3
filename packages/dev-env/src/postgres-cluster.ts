import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startProcess } from './managed-process.ts';
import { StartError } from './part.ts';
import type { Binaries } from './postgres-binaries.ts';
import type { User } from './postgres-user.ts';
import { SetupError } from './setup-error.ts';

export const SUPERUSER = 'postgres';

/** What Postgres's own processes are told of the environment: nothing of their caller's. */
export const POSTGRES_ENV = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };

export type Cluster = { folder: string; password: string };

/** The cluster in `home`, made on first use; its password is kept in `dataDir`, for its owner alone. */
export async function prepareCluster(
  dataDir: string,
  home: string,
  { initdb }: Binaries,
  user: User | undefined,
): Promise<Cluster> {
  const folder = join(home, 'cluster');
  const passwordFile = join(dataDir, 'password');
  if (existsSync(folder)) return { folder, password: await readPassword(passwordFile) };

  const password = randomBytes(24).toString('hex');
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, password, { mode: 0o600 });
  await initialise(folder, initdb, password, user);
  return { folder, password };
}

async function readPassword(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SetupError(`${file} cannot be read (${code}): remove that folder, or run as the user who made it`);
  }
}

/** Moved into place once complete, so a start that was cut short leaves nothing half-made. */
async function initialise(folder: string, initdb: string, password: string, user: User | undefined): Promise<void> {
  const unfinished = `${folder}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await mkdir(unfinished, { mode: 0o700 });
  const cluster = join(unfinished, 'cluster');
  const passwordFile = join(unfinished, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (user) for (const path of [unfinished, passwordFile]) await chown(path, user.uid, user.gid);

  const run = await startProcess({
    command: initdb,
    args: [
      `--pgdata=${cluster}`,
      `--username=${SUPERUSER}`,
      `--pwfile=${passwordFile}`,
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--set=timezone=UTC',
      '--no-sync',
      '--no-instructions',
    ],
    env: POSTGRES_ENV,
    cwd: unfinished,
    user,
  });
  const exit = await run.exited;
  if (exit.code !== 0) throw new StartError('initdb', exit, run.output());
  await rename(cluster, folder);
  await rm(unfinished, { recursive: true, force: true });
}
