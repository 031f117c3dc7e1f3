import { resolve } from 'node:path';
import { defaultDataDir, SetupError } from '../machine/index.ts';
import { type Env, PORT_NAMES, type PortName, type Ports, USUAL_PORTS } from '../system/index.ts';

export type UpOptions = {
  dataDir: string;
  kafka: boolean;
  jwtSecret: string | undefined;
  /** Where the gateway listens; the other parts stay on loopback. */
  gatewayHost: string;
  /** RATE_LIMIT of gateway and chat; `on` or `off`. */
  rateLimit: string;
  ports: Ports;
  postgresPort: number;
  kafkaPort: number;
};

/** Reads the environment of `make up`; an empty variable counts as unset. */
export function readUpOptions(env: Env): UpOptions {
  const port = (variable: string, usual: number) => parsePort(variable, env[variable] || undefined, usual);
  const ports = PORT_NAMES.map((name) => [name, port(portVariable(name, env), USUAL_PORTS[name])]);
  return {
    dataDir: resolve(env.WAVE_DATA_DIR || defaultDataDir),
    kafka: /^(1|true|yes|on)$/i.test(env.KAFKA ?? ''),
    jwtSecret: env.JWT_SECRET || undefined,
    gatewayHost: env.GATEWAY_HOST || '127.0.0.1',
    rateLimit: env.RATE_LIMIT || 'on',
    ports: Object.fromEntries(ports) as Ports,
    postgresPort: port('POSTGRES_PORT', 0),
    kafkaPort: port('KAFKA_PORT', 0),
  };
}

/** `CHAT_METRICS_PORT` for chat-metrics; `PORT` names the gateway's too. */
export function portVariable(name: PortName, env: Env): string {
  const variable = `${name.replace('-', '_').toUpperCase()}_PORT`;
  return name === 'gateway' && !env[variable] && env.PORT ? 'PORT' : variable;
}

function parsePort(variable: string, text: string | undefined, usual: number): number {
  if (text === undefined) return usual;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new SetupError(`${variable} is "${text}", which is no port: set it to a number from 0 to 65535`);
}
