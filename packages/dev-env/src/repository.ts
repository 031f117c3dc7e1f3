import { join } from 'node:path';

export const repositoryRoot = join(import.meta.dirname, '..', '..', '..');

/** What `make up` leaves on disk and `make clean` removes. */
export const defaultDataDir = join(repositoryRoot, '.data');
