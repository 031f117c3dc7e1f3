import { join } from 'node:path';
import { freePort, repositoryRoot } from '../machine/index.ts';
import { type ManagedProcess, type Part, StartError, startPart, startProcess, untilReady } from '../processes/index.ts';
import { isOk, waitFor } from '../waiting.ts';

export type Env = Record<string, string | undefined>;

export type ServiceOptions<Name extends string = string> = {
  name: Name;
  /** Overrides the environment of this process. Without PORT, it is a free one. */
  env: Env;
  /** False: it is up as soon as its process runs, for tests in which its dependencies may be down. */
  waitUntilReady?: boolean;
  onLine?: ((line: string) => void) | undefined;
  signal?: AbortSignal | undefined;
};

export type ServiceProcess<Name extends string = string> = Part & {
  readonly name: Name;
  readonly url: string;
};

// kafkajs sets a timer in the past whenever it connects; Prisma's engine is a WebAssembly module.
const QUIET = ['--disable-warning=TimeoutNegativeWarning', '--disable-warning=ExperimentalWarning'];

// Spares each start the work of stripping types and compiling; Node goes by the content of the files.
const COMPILE_CACHE = join(repositoryRoot, 'node_modules', '.cache', 'node-compile');

const READY_DEADLINE_MS = 60_000;
const PROBE_TIMEOUT_MS = 2_000;

/** Starts `services/<name>` as a process and, unless told otherwise, waits until it is ready. */
export async function startService<Name extends string>(options: ServiceOptions<Name>): Promise<ServiceProcess<Name>> {
  const { name, signal, waitUntilReady = true } = options;
  const port = options.env.PORT ?? String(await freePort());
  const url = `http://127.0.0.1:${port}`;

  const launch = async (): Promise<ManagedProcess> => {
    const process = await runFile(`services/${name}/src/main.ts`, { ...options.env, PORT: port }, options.onLine);
    if (!waitUntilReady) return process;
    return untilReady(name, process, (ended) =>
      waitFor(`${name} to be ready`, () => isOk(`${url}/readyz`, PROBE_TIMEOUT_MS), {
        deadlineMs: READY_DEADLINE_MS,
        signal: signal ? AbortSignal.any([signal, ended]) : ended,
      }),
    );
  };
  return Object.assign(await startPart(launch), { name, url });
}

/** Brings the schema of a service's database up to date. */
export async function runMigrations(
  name: string,
  databaseUrl: string,
  { onLine, signal }: Pick<ServiceOptions, 'onLine' | 'signal'> = {},
): Promise<void> {
  const migrate = await runFile(`services/${name}/src/migrate.ts`, { DATABASE_URL: databaseUrl }, onLine);
  const abort = () => migrate.kill();
  signal?.addEventListener('abort', abort);
  const exit = await migrate.exited;
  signal?.removeEventListener('abort', abort);
  signal?.throwIfAborted();
  if (exit.code === 0) return;
  throw new StartError(`the migration of ${name}`, exit, migrate.output());
}

function runFile(file: string, env: Env, onLine: ServiceOptions['onLine']): Promise<ManagedProcess> {
  return startProcess({
    command: process.execPath,
    args: [...QUIET, file],
    // A child of a test is no test itself.
    env: { NODE_COMPILE_CACHE: COMPILE_CACHE, ...process.env, ...env, NODE_TEST_CONTEXT: undefined },
    cwd: repositoryRoot,
    stopDeadlineMs: 30_000,
    onLine,
  });
}
