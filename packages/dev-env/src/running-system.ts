import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupError } from './setup-error.ts';
import type { System } from './system.ts';

export const EVENTS_URL_FILE = 'events-url';

/**
 * Tells other programs of the data folder's owner where the system's events are; the file holds a password.
 * @returns a function that takes it back
 */
export async function announceSystem(folder: string, { eventsUrl }: System): Promise<() => Promise<void>> {
  const file = join(folder, EVENTS_URL_FILE);
  const withdraw = () => rm(file, { force: true });
  // A file that is there would keep its mode.
  await withdraw();
  await writeFile(file, eventsUrl, { mode: 0o600 });
  return withdraw;
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
