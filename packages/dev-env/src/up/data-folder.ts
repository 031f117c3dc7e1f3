import { randomBytes } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupError } from '../machine/index.ts';
import { commandLine, isWatchdog, watchdogPid } from '../processes/index.ts';
import { type DataServiceName, databaseName, EVENTS_DATABASE, type System } from '../system/index.ts';
import { waitFor } from '../waiting.ts';

export const EVENTS_URL_FILE = 'events-url';
/** URL of the server, with the name of one of its databases. */
export const POSTGRES_URL_FILE = 'postgres-url';

const LEFTOVERS_DEADLINE_MS = 15_000;

/**
 * Makes the folder and claims it for this process. Where the last one to claim it was killed, waits until its
 * watchdog has ended what it left.
 * @returns a function that releases the claim
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

/** A secret, generated once per data folder, that only the folder's owner can read. */
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

/** Process ids are reused: a process other than `make up` may have that of an earlier one. */
const isUp = (pid: number): boolean => pid > 0 && pid !== process.pid && /\bup\.(js|ts)\b/.test(commandLine(pid));

function notWritable(folder: string, error: unknown): SetupError {
  const { code } = error as NodeJS.ErrnoException;
  return new SetupError(`the data folder ${folder} cannot be written to (${code}): set WAVE_DATA_DIR to another one`);
}

/**
 * Tells other programs of the data folder's owner where the system's events and databases are; the files hold passwords.
 * @returns a function that removes the files
 */
export async function announceSystem(folder: string, { eventsUrl, postgres }: System): Promise<() => Promise<void>> {
  const files = { [EVENTS_URL_FILE]: eventsUrl, [POSTGRES_URL_FILE]: postgres.url(EVENTS_DATABASE) };
  const withdraw = async () => {
    for (const file of Object.keys(files)) await rm(join(folder, file), { force: true });
  };
  // A file that is there would keep its mode.
  await withdraw();
  for (const [file, url] of Object.entries(files)) await writeFile(join(folder, file), url, { mode: 0o600 });
  return withdraw;
}

/** The databases of the `make up` that runs on this data folder, if one does. */
export async function runningDatabaseUrl(folder: string): Promise<((service: DataServiceName) => string) | undefined> {
  const text = await readFile(join(folder, POSTGRES_URL_FILE), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  return (service) => {
    const url = new URL(text);
    url.pathname = databaseName(service);
    return url.href;
  };
}

/**
 * EVENTS_URL of the `make up` that runs on this data folder.
 * @throws SetupError when none does
 */
export async function runningEventsUrl(folder: string): Promise<string> {
  const file = join(folder, EVENTS_URL_FILE);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOENT') throw new SetupError(`${file} cannot be read (${code}): run as the user who ran make up`);
    throw new SetupError(`make up does not run on ${folder}: start it first, or set WAVE_DATA_DIR to its data folder`);
  }
}
