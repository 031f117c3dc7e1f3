import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { databaseName, EVENTS_DATABASE } from './backing.ts';
import type { DataServiceName } from './service-settings.ts';
import { SetupError } from './setup-error.ts';
import type { System } from './system.ts';

export const EVENTS_URL_FILE = 'events-url';
/** URL of the server, with the name of one of its databases. */
export const POSTGRES_URL_FILE = 'postgres-url';

/**
 * Tells other programs of the data folder's owner where the system's events and databases are; the files hold passwords.
 * @returns a function that takes it back
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
