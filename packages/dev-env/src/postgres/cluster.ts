import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupError } from '../machine/index.ts';
import { commandLine, isAlive, StartError, startProcess } from '../processes/index.ts';
import { waitFor } from '../waiting.ts';
import type { Binaries, User } from './user.ts';

export const SUPERUSER = 'postgres';

const STOP_DEADLINE_MS = 10_000;

/** The whole environment of Postgres's processes: they inherit nothing from their caller. */
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

/**
 * Makes sure that no server runs on `cluster`. Postgres itself clears a lock file whose process is gone; but not one
 * whose process id meanwhile belongs to another program, as after a restart of the machine or container.
 * @throws SetupError when a server runs there
 */
export async function requireUnused(cluster: string): Promise<void> {
  const holder = await lockHolder(cluster);
  if (holder === undefined || !isAlive(holder.pid)) return;
  if (!commandLine(holder.pid).includes(cluster)) {
    await rm(join(cluster, 'postmaster.pid'), { force: true });
    return;
  }
  if (holder.status === 'stopping') {
    const gone = async () => !isAlive(holder.pid) || (await lockHolder(cluster)) === undefined;
    await waitFor('the last Postgres to stop', gone, { deadlineMs: STOP_DEADLINE_MS });
    return;
  }
  throw new SetupError(
    `${cluster} is in use by a running Postgres (process ${holder.pid}): stop that, or choose another data folder`,
  );
}

/** The lock file's lines: process id first, status eighth. */
async function lockHolder(cluster: string): Promise<{ pid: number; status: string } | undefined> {
  try {
    const lines = (await readFile(join(cluster, 'postmaster.pid'), 'utf8')).split('\n');
    return { pid: Number(lines[0]), status: lines[7]?.trim() ?? '' };
  } catch {
    return undefined;
  }
}
