import { resolve } from 'node:path';
import { defaultDataDir, SetupError } from '../machine/index.ts';
import type { Env } from '../system/index.ts';

export type SeedSize = { users: number; posts: number };
export type SeedOptions = SeedSize & { seed: number; dataDir: string };

const MOST = 100_000_000;

/** Reads the environment of `make seed-data`. */
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

const WIDTH = 30;
const NAME_WIDTH = 27;

type Output = { write: (text: string) => unknown; isTTY?: boolean };

/** A bar for each table: redrawn in place on a terminal, elsewhere printed once it is full. */
export function progressBar(output: Output): (what: string, done: number, rows: number) => void {
  return (what, done, rows) => {
    const full = done >= rows;
    if (!output.isTTY && !full) return;
    const filled = Math.round((WIDTH * done) / rows);
    const bar = '█'.repeat(filled) + '░'.repeat(WIDTH - filled);
    output.write(
      `${output.isTTY ? '\r' : ''}${what.padEnd(NAME_WIDTH)} ${bar} ${done.toLocaleString('en')}${full ? '\n' : ''}`,
    );
  };
}
