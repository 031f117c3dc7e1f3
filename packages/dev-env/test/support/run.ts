import { join } from 'node:path';
import { type Exit, type ManagedProcess, startProcess } from '../../src/processes/index.ts';

const packageRoot = join(import.meta.dirname, '..', '..');

export type Started = { process: ManagedProcess; nextLine: (pattern: RegExp) => Promise<string> };

/** Starts a program of this package; `nextLine` waits for one that matches, or fails with the program. */
export async function start(file: string, env: NodeJS.ProcessEnv = {}, args: string[] = []): Promise<Started> {
  const waiting = new Set<() => void>();
  const lines: string[] = [];
  const program = await startProcess({
    command: process.execPath,
    args: [join(packageRoot, file), ...args],
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, NO_COLOR: '1', ...env },
    cwd: packageRoot,
    onLine: (line) => {
      lines.push(line);
      for (const look of waiting) look();
    },
  });
  const nextLine = (pattern: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const line = lines.find((each) => pattern.test(each));
        if (line === undefined) return;
        waiting.delete(look);
        resolve(line);
      };
      waiting.add(look);
      look();
      void program.exited.then(() => reject(new Error(`ended without ${pattern}:\n${lines.join('\n')}`)));
    });
  return { process: program, nextLine };
}

/** Runs a program to its end. */
export async function run(
  file: string,
  env: NodeJS.ProcessEnv = {},
  args: string[] = [],
): Promise<Exit & { output: string }> {
  const { process } = await start(file, env, args);
  return { ...(await process.exited), output: process.output() };
}
