import { fileURLToPath } from 'node:url';
import { startProcess } from '@wave-connect/dev-env/processes';

const program = fileURLToPath(import.meta.resolve('@wave-connect/chassis/dlq.ts'));

type Ended = { code: number | null; output: string };

/** Runs the operators' command for dead letters to its end, as a process. */
export async function dlq(eventsUrl: string, ...args: string[]): Promise<Ended> {
  const process = await startProcess({
    command: globalThis.process.execPath,
    args: ['--disable-warning=TimeoutNegativeWarning', program, ...args],
    env: { PATH: globalThis.process.env.PATH, NO_COLOR: '1', EVENTS_URL: eventsUrl },
    cwd: '/',
  });
  const { code } = await process.exited;
  return { code, output: process.output() };
}
