import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { defaultDataDir } from '@wave-connect/dev-env/machine';

export type Tools = {
  wrk: string;
  /** The folder of the programs built from bench/peers and bench/load. */
  programs: string;
  /** One contender, which may be missing. */
  nginx: string | undefined;
};

const PROGRAMS = join(defaultDataDir, 'tools', 'bench');

/** Debian keeps servers where only root's path leads. */
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];

/** What `bench/prepare.sh` has brought, or the machine has anyway; or else the names of what is missing. */
export function findTools(): Tools | { missing: string[] } {
  const wrk = find('wrk');
  const programs = existsSync(join(PROGRAMS, 'stub')) ? PROGRAMS : undefined;
  if (wrk && programs) return { wrk, programs, nginx: find('nginx') };
  return { missing: [...(wrk ? [] : ['wrk']), ...(programs ? [] : ['Go'])] };
}

const find = (name: string): string | undefined => FOLDERS.map((folder) => join(folder, name)).find(existsSync);
