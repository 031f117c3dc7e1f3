import { requireFreePort, SetupError } from '../machine/index.ts';
import { describeExit, onInterrupt, StartError } from '../processes/index.ts';
import { type Env, PORT_NAMES, readableLine, type System, startSystem } from '../system/index.ts';
import { announceSystem, claimDataFolder, storedSecret } from './data-folder.ts';
import { portVariable, readUpOptions, type UpOptions } from './options.ts';
import { summary } from './summary.ts';

/** The `make up` program: the whole system, until Ctrl-C or until a part of it ends. */
export async function up(env: Env = process.env): Promise<void> {
  const began = performance.now();
  const interrupted = onInterrupt(() => say('Stopping… (Ctrl-C again to kill)\n'));
  try {
    const options = readUpOptions(env);
    const release = await claimDataFolder(options.dataDir);
    try {
      await requirePorts(options, env);
      await run(options, began, interrupted);
    } finally {
      await release();
    }
  } catch (error) {
    if (!interrupted.aborted) {
      process.exitCode = 1;
      process.stderr.write(`${explain(error)}\n`);
    }
  }
  if (interrupted.aborted) say('Stopped.\n');
}

async function run(options: UpOptions, began: number, interrupted: AbortSignal): Promise<void> {
  say(`Starting Wave Connect${options.kafka ? ' with Kafka' : ''}…\n`);
  const system = await startSystem({
    ...options,
    jwtSecret: options.jwtSecret ?? (await storedSecret(options.dataDir, 'jwt-secret')),
    serviceEnv: {
      gateway: { HOST: options.gatewayHost, RATE_LIMIT: options.rateLimit },
      chat: { RATE_LIMIT: options.rateLimit },
    },
    signal: interrupted,
    onLine: (part, line) => say(readableLine(part, line) ?? ''),
  });
  const withdraw = await announceSystem(options.dataDir, system);
  say(summary(system, options.dataDir, performance.now() - began));
  const ended = await Promise.race([firstEnd(system), aborted(interrupted)]);
  if (ended !== undefined) {
    process.exitCode = 1;
    process.stderr.write(`${ended}: stopping the rest\n`);
  }
  await withdraw();
  await system.stop();
}

/** Before anything starts, so that nothing has to be stopped again. */
async function requirePorts({ ports, gatewayHost }: UpOptions, env: Env): Promise<void> {
  for (const name of PORT_NAMES) {
    await requireFreePort(ports[name], portVariable(name, env), name === 'gateway' ? gatewayHost : undefined);
  }
}

function firstEnd({ services, postgres, kafka }: System): Promise<string> {
  const parts = { ...services, Postgres: postgres, ...(kafka && { Kafka: kafka }) };
  return Promise.race(Object.entries(parts).map(async ([name, part]) => `${name} ${describeExit(await part.exited)}`));
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });

function explain(error: unknown): string {
  if (error instanceof SetupError) return error.message;
  if (error instanceof StartError) return error.summary;
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const say = (text: string) => process.stdout.write(text);
