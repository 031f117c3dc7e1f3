import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commandLine } from './process-table.ts';
import { SetupError } from './setup-error.ts';
import { waitFor } from './wait-for.ts';
import { isWatchdog, watchdogPid } from './watchdog.ts';

const LEFTOVERS_DEADLINE_MS = 15_000;

/**
 * Makes the folder and claims it for this process. Where the last one to claim it was killed, waits until its
 * watchdog has ended what it left.
 * @returns a function that gives it back
 * @throws SetupError when it cannot be written to, or another `make up` that still runs has claimed it
 */
export async function claimDataFolder(folder: string): Promise<() => Promise<void>> {
  const claim = join(folder, 'up.pid');
  const own = `${process.pid} ${watchdogPid()}`;
  try {
    await mkdir(folder, { recursive: true });
    if (!(await createFile(claim, own))) {
      await takeOver(folder, await readFile(claim, 'utf8'));
      await writeFile(claim, own);
    }
  } catch (error) {
    throw error instanceof SetupError ? error : notWritable(folder, error);
  }
  return () => rm(claim, { force: true });
}

async function takeOver(folder: string, claim: string): Promise<void> {
  const [holder = 0, watchdog = 0] = claim.split(' ').map(Number);
  if (isUp(holder)) {
    throw new SetupError(`make up is running already on ${folder} (process ${holder}): stop it with Ctrl-C first`);
  }
  await waitFor('the last make up to end', () => !isWatchdog(watchdog), { deadlineMs: LEFTOVERS_DEADLINE_MS });
}

/** A secret made once per data folder, for its owner's eyes only. */
export async function storedSecret(folder: string, name: string): Promise<string> {
  const file = join(folder, name);
  await createFile(file, randomBytes(32).toString('hex'));
  return readFile(file, 'utf8');
}

/** False when there is one already. */
async function createFile(path: string, content: string): Promise<boolean> {
  try {
    await writeFile(path, content, { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/** Process ids are used again; one that is not `make up` has inherited its number. */
const isUp = (pid: number): boolean => pid > 0 && pid !== process.pid && /\bup\.(js|ts)\b/.test(commandLine(pid));

function notWritable(folder: string, error: unknown): SetupError {
  const { code } = error as NodeJS.ErrnoException;
  return new SetupError(`the data folder ${folder} cannot be written to (${code}): set WAVE_DATA_DIR to another one`);
}
