import { execFile } from 'node:child_process';
import { join } from 'node:path';

export type CommandOptions = {
  /** Goes to its standard input. */
  input?: string;
  /** Besides this process's own environment. */
  env?: NodeJS.ProcessEnv;
  timeoutMs?: number;
};

/** The repository's root, where commands run as people type them. */
export const root = join(import.meta.dirname, '..', '..');

const TIMEOUT_MS = 60_000;
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Runs a program to its end, in the repository's root.
 * @returns what it wrote to its standard output
 * @throws where it does not end with 0 in time, with all that it wrote; its cause is that of `execFile`
 */
export function run(command: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { input, env, timeoutMs = TIMEOUT_MS } = options;
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const child = execFile(
    command,
    args,
    { cwd: root, env: { ...process.env, ...env }, timeout: timeoutMs, maxBuffer: MAX_BYTES },
    (error, stdout, stderr) => {
      const what = `${command} ${args.join(' ')}: ${error?.killed ? 'no end in time' : ''}\n${stdout}${stderr}`;
      if (error) reject(new Error(what, { cause: error }));
      else resolve(stdout);
    },
  );
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  return promise;
}
