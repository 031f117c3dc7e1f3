import { resolve } from 'node:path';
import { runDlq } from '@wave-connect/chassis/dlq';
import { defaultDataDir, SetupError } from '../src/machine/index.ts';
import { runningEventsUrl } from '../src/up/data-folder.ts';

/** The `make dlq` program: the operators' command, on the bus of the `make up` that runs. */
try {
  const EVENTS_URL = await runningEventsUrl(resolve(process.env.WAVE_DATA_DIR || defaultDataDir));
  await runDlq(process.argv.slice(2), { EVENTS_URL });
} catch (error) {
  if (!(error instanceof SetupError)) throw error;
  process.exitCode = 1;
  process.stderr.write(`${error.message}\n`);
}
