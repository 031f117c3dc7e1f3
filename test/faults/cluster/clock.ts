import { existsSync, readdirSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { guardFolder } from '@wave-connect/dev-env/processes';
import type { Env } from '@wave-connect/dev-env/system';

const LIBRARIES = '/usr/lib';
const LIBRARY = join('faketime', 'libfaketimeMT.so.1');
const SHARED_MEMORY = '/dev/shm';

/** Clocks that can be moved while a process runs: libfaketime replaces all that it reads of the wall clock. */
export type Clocks = {
  /** What a process is started with to go by the clock of that name. */
  env(name: string): Promise<Env>;
  set(name: string, offsetSeconds: number): Promise<void>;
  /** Has that removed which a killed process leaves in memory, now or when this one ends. */
  tidyAfter(pid: number, ended: Promise<unknown>): void;
};

/** libfaketime's path, as Debian's package installs it. */
export function fakeTimeLibrary(): string | undefined {
  if (!existsSync(LIBRARIES)) return undefined;
  return ['', ...readdirSync(LIBRARIES)]
    .map((folder) => join(LIBRARIES, folder, LIBRARY))
    .find((path) => existsSync(path));
}

export function createClocks(folder: string, library: string): Clocks {
  const file = (name: string) => join(folder, name);
  /** Moved into place, because processes read it once a second. */
  async function set(name: string, offsetSeconds: number): Promise<void> {
    await mkdir(folder, { recursive: true });
    await writeFile(file(`${name}.new`), `${offsetSeconds < 0 ? '' : '+'}${offsetSeconds}\n`);
    await rename(file(`${name}.new`), file(name));
  }
  return {
    set,
    async env(name) {
      await set(name, 0);
      return {
        LD_PRELOAD: library,
        FAKETIME_TIMESTAMP_FILE: file(name),
        FAKETIME_CACHE_DURATION: '1',
        FAKETIME_DONT_FAKE_MONOTONIC: '1',
        NO_FAKE_STAT: '1',
      };
    },
    tidyAfter(pid, ended) {
      for (const left of [`faketime_shm_${pid}`, `sem.faketime_sem_${pid}`]) {
        const path = join(SHARED_MEMORY, left);
        const forget = guardFolder(path);
        void ended.then(() => rm(path, { force: true })).then(forget, () => {});
      }
    },
  };
}
