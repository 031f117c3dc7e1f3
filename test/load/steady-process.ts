import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createRandom } from '../support/random.ts';
import { type SteadyResult, startSteadyLoad } from './steady-load.ts';

export type SteadyProcess = {
  /** Ends the load; resolves to its result. */
  stop(): Promise<SteadyResult>;
  /** Ends the process at once. */
  kill(): void;
};

/**
 * A steady load in a process of its own, so that the caller's other work does not delay requests. Resolves
 * once the first request is due.
 * @throws where the load cannot start
 */
export async function startSteadyProcess(options: { url: string; rate: number; seed: number }): Promise<SteadyProcess> {
  const execArgv = ['--disable-warning=ExperimentalWarning'];
  const child = fork(import.meta.filename, [JSON.stringify(options)], { execArgv });
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

/** The process itself: says that the load runs, and at any message ends it and tells its result. */
async function serve(): Promise<void> {
  const { url, rate, seed } = JSON.parse(process.argv[2] as string);
  process.once('disconnect', () => process.exit());
  // A Ctrl-C in a terminal reaches this process, too; its parent ends it.
  process.on('SIGINT', () => {});
  const load = await startSteadyLoad({ url, rate, random: createRandom(seed) });
  process.send?.('started');
  await once(process, 'message');
  process.send?.(await load.stop());
}

if (import.meta.main) await serve();
