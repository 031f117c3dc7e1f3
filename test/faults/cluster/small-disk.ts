import { execFile } from 'node:child_process';
import { mkdir, rmdir, statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import { temporaryFolder } from '@wave-connect/dev-env/machine';
import { guardMount } from '@wave-connect/dev-env/processes';
import { waitFor } from '@wave-connect/dev-env/waiting';

const run = promisify(execFile);
const PROBE_BYTES = 1024 * 1024;
const FILL_DEADLINE_MS = 10_000;

/** A disk of its own, in memory, whose room can be taken away. */
export type SmallDisk = {
  /** Makes it as small as what is on it: what then asks for more is told ENOSPC. */
  fill(): Promise<void>;
  free(): Promise<void>;
  remove(): Promise<void>;
};

/** Why this machine gives no disks of their own, if so. */
export async function disksUnavailable(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'filling a disk needs root on Linux';
  try {
    await (await createDisk(await temporaryFolder(), PROBE_BYTES)).remove();
    return undefined;
  } catch (error) {
    return `a file system cannot be mounted: ${(error as Error).message.trim()}`;
  }
}

/** Mounts an empty disk of so many bytes at `folder`. Other users may pass through it. */
export async function createDisk(folder: string, bytes: number): Promise<SmallDisk> {
  const resize = (size: number) => run('mount', ['-o', `remount,size=${size}`, folder]);
  /** Refused where more has been written meanwhile. */
  const shrink = async () => {
    await resize(await usedBytes(folder));
    return true;
  };
  await mkdir(folder, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', `size=${bytes},mode=711`, 'wave-connect', folder]);
  const forget = guardMount(folder);
  return {
    fill: () => waitFor('the disk to be full', shrink, { deadlineMs: FILL_DEADLINE_MS }),
    free: async () => void (await resize(bytes)),
    async remove() {
      await run('umount', ['-l', folder]);
      forget();
      await rmdir(folder);
    },
  };
}

async function usedBytes(folder: string): Promise<number> {
  const { blocks, bfree, bsize } = await statfs(folder);
  return (blocks - bfree) * bsize;
}
