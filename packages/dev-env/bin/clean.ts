import { rm, rmdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { defaultDataDir, SetupError } from '../src/machine/index.ts';
import { removePostgresData } from '../src/postgres/index.ts';
import { claimDataFolder, EVENTS_URL_FILE, POSTGRES_URL_FILE } from '../src/up/data-folder.ts';

/** The `make clean` program: removes what `make up` has stored, also where Postgres keeps its part elsewhere. */
const folder = resolve(process.env.WAVE_DATA_DIR || defaultDataDir);
try {
  const release = await claimDataFolder(folder);
  await removePostgresData(join(folder, 'postgres'));
  for (const entry of ['kafka', 'kafka-lib', 'jwt-secret', EVENTS_URL_FILE, POSTGRES_URL_FILE]) {
    await rm(join(folder, entry), { recursive: true, force: true });
  }
  await release();
  // Stays when it holds other files.
  await rmdir(folder).catch(() => {});
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.exitCode = 1;
  process.stderr.write(`${error.message}\n`);
}
