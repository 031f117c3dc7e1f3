import { chmod, mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { guardFolder } from '../processes/index.ts';

export const repositoryRoot = join(import.meta.dirname, '..', '..', '..', '..');

/** What `make up` leaves on disk and `make clean` removes. */
export const defaultDataDir = join(repositoryRoot, '.data');

/**
 * A new folder that is removed at the latest when this process ends.
 * May be passed through, not listed, by other users: as root, Postgres runs as one of them.
 */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'wave-connect-'));
  await chmod(folder, 0o711);
  guardFolder(folder);
  return folder;
}
