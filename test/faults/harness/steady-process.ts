import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { SteadyResult } from '../load/steady-load.ts';

export type SteadyProcess = {
  /** Ends the load; resolves to what came of it. */
  stop(): Promise<SteadyResult>;
  /** Ends the process, whatever it is at. */
  kill(): void;
};

const PROGRAM = join(import.meta.dirname, 'steady-program.ts');

/**
 * A steady load in a process of its own, so that what else its caller has to do does not hold requests up. Resolves
 * once the first request is due.
 * @throws where the load cannot start
 */
export async function startSteadyProcess(options: { url: string; rate: number; seed: number }): Promise<SteadyProcess> {
  const child = fork(PROGRAM, [JSON.stringify(options)], { execArgv: ['--disable-warning=ExperimentalWarning'] });
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`the load ended by itself: ${signal ?? code}`);
  });
  ended.catch(() => {});
  const message = async () => (await Promise.race([once(child, 'message'), ended]))[0];
  await message();
  return {
    async stop() {
      child.send('stop');
      const result: SteadyResult = await message();
      child.disconnect();
      return result;
    },
    kill: () => void child.kill('SIGKILL'),
  };
}
