import { ConfigError, type Env } from '../config/env.ts';
import { createLogger, type Logger } from '../log.ts';

export type Runnable = { start(): Promise<void>; stop(): Promise<void> };

type Program<Config> = {
  name: string;
  readConfig: (env: Env) => Config;
  create: (config: Config, overrides: { log: Logger }) => Runnable;
};

const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/**
 * Runs a service as a process: environment in, signals wired. After a stop the event loop empties by itself;
 * a timer that nothing waits for ends the process where something hangs.
 */
export async function runMain<Config extends { logLevel: string; shutdown: { deadlineMs: number } }>(
  program: Program<Config>,
): Promise<void> {
  const config = configOrExplain(program);
  if (config === undefined) return;
  const log = createLogger(program.name, config.logLevel);
  const service = program.create(config, { log });

  const stop = async (reason: string) => {
    log.info({ reason }, 'stopping');
    setTimeout(() => {
      log.fatal('stopping took too long');
      process.exit(1);
    }, config.shutdown.deadlineMs).unref();
    await service.stop();
  };
  for (const signal of STOP_SIGNALS) process.once(signal, () => void stop(signal));
  const fail = (error: unknown) => {
    log.fatal({ err: error }, 'unexpected error');
    process.exitCode = 1;
    void stop('unexpected error');
  };
  process.once('uncaughtException', fail).once('unhandledRejection', fail);

  await service.start().catch((error) => {
    log.fatal({ err: error }, explainStart(error));
    process.exitCode = 1;
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
