import { resolve } from 'node:path';
import { runDeadLetters } from '@wave-connect/chassis/dead-letters';
import { defaultDataDir, SetupError } from '../src/machine/index.ts';
import { DATA_SERVICES } from '../src/system/index.ts';
import { runningDatabaseUrl, runningEventsUrl } from '../src/up/data-folder.ts';

/** The `make dlq` program: the operators' command, on all services of the `make up` that runs. */
try {
  const folder = resolve(process.env.WAVE_DATA_DIR || defaultDataDir);
  const EVENTS_URL = await runningEventsUrl(folder);
  const databaseUrl = await runningDatabaseUrl(folder);
  const targets = DATA_SERVICES.map((service) => ({
    service,
    env: { DATABASE_URL: databaseUrl?.(service), EVENTS_URL },
  }));
  await runDeadLetters(process.argv.slice(2), targets);
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.exitCode = 1;
  process.stderr.write(`${error.message}\n`);
}
