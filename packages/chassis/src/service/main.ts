import { ConfigError, type Env } from '../config/env.ts';
import { createLogger, type Logger } from '../observability/log.ts';
import type { Lifecycle } from './lifecycle.ts';

type Program<Config> = {
  name: string;
  readConfig: (env: Env) => Config;
  create: (config: Config, overrides: { log: Logger }) => Lifecycle;
};

type ProgramConfig = { logLevel: string; shutdown: { deadlineMs: number } };

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Runs a service as a process: environment in, signals wired. After a stop the event loop empties by itself and the
 * process ends with 0. Where parts were left behind, what they hold open would keep it: it ends with 1. A timer that
 * nothing waits for does so where even that hangs.
 */
export async function runMain<Config extends ProgramConfig>(program: Program<Config>): Promise<void> {
  const config = configOrExplain(program);
  if (config === undefined) return;
  const log = createLogger(program.name, config.logLevel);
  const service = program.create(config, { log });

  let stopping = false;
  const stop = async (reason: string) => {
    log.info({ reason }, stopping ? 'stopping already' : 'stopping');
    if (stopping) return;
    stopping = true;
    setTimeout(() => {
      log.fatal('stopping took too long');
      process.exit(1);
    }, config.shutdown.deadlineMs).unref();
    await service.stop();
    if (service.notStopped.length === 0) return;
    log.fatal({ parts: service.notStopped }, 'parts were left behind');
    process.exit(1);
  };
  // A second signal changes nothing; without a listener it would end the process at once.
  for (const signal of STOP_SIGNALS) process.on(signal, () => void stop(signal));
  const fail = (error: unknown) => {
    log.fatal({ err: error }, 'unexpected error');
    process.exitCode = 1;
    void stop('unexpected error');
  };
  process.on('uncaughtException', fail).on('unhandledRejection', fail);

  await service.start().catch((error) => {
    log.fatal({ err: error }, explainStart(error));
    process.exitCode = 1;
    return stop('could not start');
  });
}

function configOrExplain<Config>({ name, readConfig }: Program<Config>): Config | undefined {
  try {
    return readConfig(process.env);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${name}: ${error.message}\n`);
    process.exitCode = 1;
    return undefined;
  }
}

function explainStart(error: unknown): string {
  const { code, port } = error as { code?: string; port?: number };
  if (code === 'EADDRINUSE') return `port ${port} is taken; set PORT or METRICS_PORT to another one`;
  if (code === 'EACCES') return `no permission to listen on port ${port}`;
  return 'could not start';
}
