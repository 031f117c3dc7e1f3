import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { commandLine, isAlive } from './process-table.ts';
import { SetupError } from './setup-error.ts';
import { waitFor } from './wait-for.ts';

const STOP_DEADLINE_MS = 10_000;

/**
 * Makes sure that no server runs on `cluster`. Postgres itself clears a lock file whose process is gone; not so one
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
