import { SetupError } from '../src/machine/index.ts';
import { onInterrupt } from '../src/processes/index.ts';
import { progressBar, readSeedOptions, type SeedOptions } from '../src/seed/command.ts';
import { seed } from '../src/seed/seed.ts';
import {
  DATA_SERVICES,
  type DataServiceName,
  databaseName,
  runMigrations,
  startDatabases,
} from '../src/system/index.ts';
import { claimDataFolder, runningDatabaseUrl } from '../src/up/data-folder.ts';

/** The `make seed-data` program: fills the databases of `make up`, whether it runs or not. */
const signal = onInterrupt(() => process.stdout.write('Stopping…\n'));

async function fill(options: SeedOptions, databaseUrl: (service: DataServiceName) => string): Promise<void> {
  const began = performance.now();
  await seed({ ...options, databaseUrl, onProgress: progressBar(process.stdout), signal });
  process.stdout.write(`Filled in ${Math.round((performance.now() - began) / 1000)} s. `);
  process.stdout.write(`Sign in as person_1@example.com to person_${options.users}@example.com, "correct horse".\n`);
}

async function fillStopped(options: SeedOptions): Promise<void> {
  const release = await claimDataFolder(options.dataDir);
  const backing = { dataDir: options.dataDir, persistent: true, port: undefined, log: () => {}, signal };
  const server = await startDatabases(backing, () => {});
  try {
    const url = (service: DataServiceName) => server.url(databaseName(service));
    for (const service of DATA_SERVICES) await runMigrations(service, url(service), { signal });
    await fill(options, url);
  } finally {
    await server.stop();
    await release();
  }
}

try {
  const options = readSeedOptions(process.env);
  const running = await runningDatabaseUrl(options.dataDir);
  await (running ? fill(options, running) : fillStopped(options));
} catch (error) {
  if (!(error instanceof SetupError) && !signal.aborted) throw error;
  process.exitCode = 1;
  if (error instanceof SetupError) process.stderr.write(`${error.message}\n`);
}
