import { fileURLToPath } from 'node:url';
import { startProcess } from '@wave-connect/dev-env/processes';

type Ended = { code: number | null; output: string };

/** Runs a service's command for dead letters to its end, as a process of its own. */
export async function deadLetters(
  service: 'auth' | 'chat' | 'feed' | 'profile',
  env: { DATABASE_URL: string; EVENTS_URL?: string },
  ...args: string[]
): Promise<Ended> {
  const program = fileURLToPath(new URL(`../../services/${service}/src/dead-letters.ts`, import.meta.url));
  const process = await startProcess({
    command: globalThis.process.execPath,
    args: ['--disable-warning=TimeoutNegativeWarning', program, ...args],
    env: { PATH: globalThis.process.env.PATH, NO_COLOR: '1', ...env },
    cwd: '/',
  });
  const { code } = await process.exited;
  return { code, output: process.output() };
}
