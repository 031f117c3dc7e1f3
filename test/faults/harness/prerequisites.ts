import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';
import { kafkaUnavailable } from '@wave-connect/dev-env/kafka';
import { SetupError } from '@wave-connect/dev-env/machine';
import { fakeTimeLibrary } from '../cluster/clock.ts';
import { toxiproxyUnavailable } from '../cluster/toxiproxy.ts';

const run = promisify(execFile);
const INSTALL_TIMEOUT_MS = 300_000;

/**
 * Installs what faults stand on, as far as this machine lets us.
 * @throws SetupError where there can be no cluster without what is missing
 */
export async function installPrerequisites(say: (line: string) => void): Promise<void> {
  if (fakeTimeLibrary() === undefined && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    say('installing libfaketime');
    await installPackage('libfaketime').catch((error: Error) => say(`it was not installed: ${error.message}`));
  }
  const missing = [kafkaUnavailable(), await toxiproxyUnavailable()].filter((problem) => problem !== undefined);
  if (missing.length > 0) throw new SetupError(missing.join('; '));
}

async function installPackage(name: string): Promise<void> {
  const options = { env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }, timeout: INSTALL_TIMEOUT_MS };
  await run('apt-get', ['update', '-qq'], options);
  await run('apt-get', ['install', '-qq', '-y', '--no-install-recommends', name], options);
}
