import { resolve } from 'node:path';
import { defaultDataDir } from '../repository.ts';
import type { Env } from '../service-process.ts';
import { SetupError } from '../setup-error.ts';

export type SeedSize = { users: number; posts: number };
export type SeedOptions = SeedSize & { seed: number; dataDir: string };

const MOST = 100_000_000;

/** What the environment of `make seed-data` says. */
export function readSeedOptions(env: Env): SeedOptions {
  return {
    posts: wholeNumber('POSTS', env.POSTS || '1000000', 1),
    users: wholeNumber('USERS', env.USERS || '10000', 2),
    seed: wholeNumber('SEED', env.SEED || '1', 0),
    dataDir: resolve(env.WAVE_DATA_DIR || defaultDataDir),
  };
}

function wholeNumber(variable: string, text: string, least: number): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= least && value <= MOST) return value;
  throw new SetupError(`${variable} is "${text}": set it to a whole number from ${least} to ${MOST}`);
}
