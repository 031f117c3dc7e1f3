import { randomInt } from 'node:crypto';
import { SetupError } from '@wave-connect/dev-env/machine';
import type { Env } from '@wave-connect/dev-env/system';

export type RunOptions = {
  seed: number;
  /** How long the part of a program takes that has no end of its own. */
  minutes: number;
  /** Requests per second, where the load is a steady one. */
  rate: number;
  /** Keep logs where all went well, too. */
  keepLogs: boolean;
  /** What this machine lacks is a failure. */
  strict: boolean;
};

const SEEDS = 2 ** 31;
const MOST_MINUTES = 60;
const MOST_RATE = 10_000;

/** @throws SetupError for what is no number, or none that will do */
export function readRunOptions(env: Env, usual: { seed?: number; minutes?: number; rate?: number }): RunOptions {
  return {
    seed: readNumber(env, 'SEED', { usual: usual.seed ?? randomInt(SEEDS), max: SEEDS }),
    minutes: readNumber(env, 'MINUTES', { usual: usual.minutes ?? 0, max: MOST_MINUTES }),
    rate: readNumber(env, 'RATE', { usual: usual.rate ?? 0, max: MOST_RATE }),
    keepLogs: isOn(env.KEEP_LOGS),
    strict: isOn(env.CI),
  };
}

const isOn = (text: string | undefined) => /^(1|true|yes|on)$/i.test(text ?? '');

function readNumber(env: Env, name: string, { usual, max }: { usual: number; max: number }): number {
  const text = env[name];
  if (!text) return usual;
  const number = Number(text);
  if (number >= 0 && number <= max) return number;
  throw new SetupError(`${name} is "${text}": set it to a number from 0 to ${max}`);
}
