import { randomInt } from 'node:crypto';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { SetupError } from '@wave-connect/dev-env/machine';
import { onInterrupt } from '@wave-connect/dev-env/processes';
import type { Env } from '@wave-connect/dev-env/system';
import { resultPath, writeResult } from '../../support/results.ts';

/** What a program goes by: the variables SEED, MINUTES, RATE, KEEP_LOGS and CI. */
export type RunOptions = {
  seed: number;
  /** How long the part of a program takes that has no end of its own. */
  minutes: number;
  /** Requests per second, where the load is a steady one. */
  rate: number;
  /** Keep logs where the run has passed, too. */
  keepLogs: boolean;
  /** What this machine lacks is a failure. */
  strict: boolean;
};

type Usual = { seed?: number; minutes?: number; rate?: number };

export type Context = RunOptions & {
  /** Says what happens, as it does. */
  note: (line: string) => void;
  /** Logs a line of a part of the system. */
  onLine: (part: string, line: string) => void;
  signal: AbortSignal;
};

/** A run of minutes that people watch, and that leaves results and, where it fails, logs. */
export type Program = {
  /** Options that no variable sets. */
  usual: Usual;
  /** Of its results, in `.data/faults`. */
  nameOf(options: RunOptions): string;
  /** @throws SetupError where this machine cannot run it */
  prepare?(say: (line: string) => void): Promise<void>;
  /** Its result as people and as other programs read it. */
  run(context: Context): Promise<{ text: string; problems: readonly string[]; result: object }>;
};

/** The last lines of every report. */
export const verdict = (problems: readonly string[]): string[] =>
  problems.length === 0 ? ['passed'] : problems.map((problem) => `FAILED: ${problem}`);

const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** Runs a program by the environment, to the exit status of this process. */
export const execute = ({ usual, nameOf, prepare, run }: Program): Promise<void> =>
  untilEnd(async (signal) => {
    const options = readRunOptions(process.env, usual);
    const path = resultPath('faults', nameOf(options));
    say(`seed ${options.seed}: SEED=${options.seed} replays the choices of this run`);
    await prepare?.(say);
    return withLogs(path, options.keepLogs, async (onLine) => {
      const note = (line: string) => {
        const now = new Date().toISOString();
        say(`${now.slice(11, 19)} ${line}`);
        onLine('run', `${now} ${line}`);
      };
      const { text, problems, result } = await run({ ...options, note, onLine, signal });
      say(`\n${text}`);
      say(`as JSON: ${await writeResult(path, result)}`);
      return problems.length === 0;
    });
  });

/** Works until it is through or interrupted; what is false, or fails, ends this process with 1. */
export async function untilEnd(work: (signal: AbortSignal) => Promise<boolean>): Promise<void> {
  const signal = onInterrupt(() => say('stopping'));
  try {
    if (!(await work(signal))) process.exitCode = 1;
  } catch (error) {
    const text = error instanceof SetupError ? error.message : ((error as Error).stack ?? String(error));
    if (!signal.aborted) process.stderr.write(`${text}\n`);
    // People of the load may still be waiting for responses.
    process.exit(1);
  }
}

const SEEDS = 2 ** 31;
const MOST_MINUTES = 60;
const MOST_RATE = 10_000;

/** @throws SetupError for what is no number, or none that will do */
export function readRunOptions(env: Env, usual: Usual): RunOptions {
  return {
    seed: readNumber(env, 'SEED', { usual: usual.seed ?? randomInt(SEEDS), max: SEEDS }),
    minutes: readNumber(env, 'MINUTES', { usual: usual.minutes ?? 0, max: MOST_MINUTES }),
    rate: readNumber(env, 'RATE', { usual: usual.rate ?? 0, max: MOST_RATE }),
    keepLogs: isOn(env.KEEP_LOGS),
    strict: isOn(env.CI),
  };
}

const isOn = (text = '') => /^(1|true|yes|on)$/i.test(text);

function readNumber(env: Env, name: string, { usual, max }: { usual: number; max: number }): number {
  const text = env[name];
  if (!text) return usual;
  const number = Number(text);
  if (number >= 0 && number <= max) return number;
  throw new SetupError(`${name} is "${text}": set it to a number from 0 to ${max}`);
}

type OnLine = (part: string, line: string) => void;

/** Keeps a log file for each part in a new folder: 'auth[0]' writes auth-0.log. Removes them where the work is true. */
async function withLogs(folder: string, keep: boolean, work: (onLine: OnLine) => Promise<boolean>): Promise<boolean> {
  const files = new Map<string, WriteStream>();
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const onLine: OnLine = (part, line) => {
    const name = part.replaceAll(/\W+/g, '-').replace(/-$/, '');
    const file = files.get(part) ?? createWriteStream(join(folder, `${name}.log`));
    files.set(part, file);
    file.write(`${line}\n`);
  };
  let passed = false;
  try {
    passed = await work(onLine);
  } finally {
    await Promise.all([...files.values()].map((file) => finished(file.end())));
    if (passed && !keep) await rm(folder, { recursive: true, force: true });
    else say(`logs of all parts: ${folder}`);
  }
  return passed;
}
