import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { defaultDataDir, SetupError } from '@wave-connect/dev-env/machine';
import { onInterrupt } from '@wave-connect/dev-env/processes';

export const say = (line: string): void => void process.stdout.write(`${line}\n`);

/** The time of day in front. */
export const sayNow = (line: string): void => say(`${new Date().toISOString().slice(11, 19)} ${line}`);

/** Runs a program until it is through or interrupted; what is false, or fails, ends it with 1. */
export async function runProgram(program: (signal: AbortSignal) => Promise<boolean>): Promise<void> {
  const signal = onInterrupt(() => say('stopping'));
  try {
    if (!(await program(signal))) process.exitCode = 1;
  } catch (error) {
    const text = error instanceof SetupError ? error.message : ((error as Error).stack ?? String(error));
    if (!signal.aborted) process.stderr.write(`${text}\n`);
    // People of the load may still be waiting for answers.
    process.exit(1);
  }
}

/** Where a program leaves what has come of it. */
export const resultPath = (name: string): string => join(defaultDataDir, 'faults', name);

/** Returns the path of the file. */
export async function writeResult(name: string, result: unknown): Promise<string> {
  const path = `${resultPath(name)}.json`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(result, null, 2)}\n`);
  return path;
}
