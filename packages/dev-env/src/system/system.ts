import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { KafkaBroker } from '../kafka/index.ts';
import { freePorts, temporaryFolder } from '../machine/index.ts';
import type { PostgresServer } from '../postgres/index.ts';
import { guardFolder } from '../processes/index.ts';
import { allOrAbort, isSettled, waitFor } from '../waiting.ts';
import { databaseName, EVENTS_DATABASE, startBroker, startDatabases } from './backing.ts';
import { type Env, runMigrations, type ServiceProcess, startService } from './service-process.ts';
import {
  DATA_SERVICES,
  type DataServiceName,
  dataServiceEnv,
  gatewayEnv,
  PORT_NAMES,
  type Ports,
  type ServiceName,
} from './service-settings.ts';

export type SystemOptions = {
  /** Without one, a temporary folder. */
  dataDir?: string;
  /** Whether `dataDir` outlives the system; true when it is given. */
  persistent?: boolean;
  /** A Kafka broker carries the events, not Postgres. */
  kafka?: boolean;
  jwtSecret?: string;
  /** Those not given, or 0, are free ones. */
  ports?: Partial<Ports>;
  postgresPort?: number;
  kafkaPort?: number;
  /** Overrides the environment of services: of all, or of one by its name. */
  env?: Env;
  serviceEnv?: Partial<Record<ServiceName, Env>>;
  /** More environment of a service with a database, by the URL of that; a pooler in between, for example. */
  databaseEnv?: (databaseUrl: string) => Promise<Env>;
  onLine?: (part: string, line: string) => void;
  /** Cuts a start short; what has come up so far is stopped. */
  signal?: AbortSignal;
};

const PROBE_TIMEOUT_MS = 2_000;
const SETTLED_DEADLINE_MS = 60_000;

type Services = { [Name in ServiceName]: ServiceProcess<Name> };

export type System = {
  /** Of the gateway. */
  readonly url: string;
  readonly ports: Ports;
  readonly jwtSecret: string;
  readonly eventsUrl: string;
  databaseUrl(service: DataServiceName): string;
  readonly postgres: PostgresServer;
  readonly kafka: KafkaBroker | undefined;
  readonly services: Readonly<Services>;
  /** In the order gateway, services, bus, Postgres, so that no part loses its dependencies. */
  stop(): Promise<void>;
};

type Running = { postgres?: PostgresServer; kafka?: KafkaBroker; services: Partial<Services> };

/** Brings up all of Wave Connect on loopback, each service as a process of its own. */
export async function startSystem(options: SystemOptions = {}): Promise<System> {
  const dataDir = options.dataDir ?? (await temporaryFolder());
  const persistent = options.persistent ?? options.dataDir !== undefined;
  const forget = persistent ? undefined : guardFolder(dataDir);
  const running: Running = { services: {} };
  const stop = async () => {
    await stopInOrder(running);
    if (persistent) return;
    await rm(dataDir, { recursive: true, force: true });
    forget?.();
  };
  try {
    return { ...(await bringUp(running, dataDir, persistent, options)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function bringUp(
  running: Running,
  dataDir: string,
  persistent: boolean,
  options: SystemOptions,
): Promise<Omit<System, 'stop'>> {
  const { jwtSecret = randomBytes(32).toString('hex') } = options;
  const ports = await allPorts(options.ports);
  const logTo = (part: string) => (line: string) => options.onLine?.(part, line);

  await allOrAbort(options.signal, (signal) => {
    const backing = (part: string, port?: number) => ({ dataDir, persistent, port, log: logTo(part), signal });
    const start = async <Name extends ServiceName>(name: Name, given: Env) => {
      const env = { ...given, ...options.env, ...options.serviceEnv?.[name] };
      const service = await startService({ name, env, onLine: logTo(name), signal });
      Object.assign(running.services, { [name]: service });
      await untilSettled(service, signal);
    };
    const postgres = startDatabases(backing('postgres', options.postgresPort), (server) => {
      running.postgres = server;
    });
    const bus = options.kafka
      ? startBroker(backing('kafka', options.kafkaPort), (broker) => {
          running.kafka = broker;
        })
      : postgres;
    const services = DATA_SERVICES.map(async (name) => {
      const databaseUrl = (await postgres).url(databaseName(name));
      await runMigrations(name, databaseUrl, { onLine: logTo(name), signal });
      await bus;
      const env = dataServiceEnv(name, ports, { jwtSecret, databaseUrl, eventsUrl: eventsUrlOf(running) });
      await start(name, { ...env, ...(await options.databaseEnv?.(databaseUrl)) });
    });
    return [postgres, bus, start('gateway', gatewayEnv(ports, jwtSecret)), ...services];
  });

  const postgres = running.postgres as PostgresServer;
  const services = running.services as Services;
  return {
    url: services.gateway.url,
    ports,
    jwtSecret,
    eventsUrl: eventsUrlOf(running),
    databaseUrl: (service) => postgres.url(databaseName(service)),
    postgres,
    kafka: running.kafka,
    services,
  };
}

/** The bus is up, so events are about to flow. */
async function untilSettled({ name, url }: ServiceProcess, signal: AbortSignal): Promise<void> {
  const settled = () => isSettled(url, PROBE_TIMEOUT_MS);
  await waitFor(`${name} to consume and publish`, settled, { deadlineMs: SETTLED_DEADLINE_MS, signal });
}

function eventsUrlOf({ kafka, postgres }: Running): string {
  return kafka?.url ?? postgres?.url(EVENTS_DATABASE) ?? '';
}

async function stopInOrder({ services, kafka, postgres }: Running): Promise<void> {
  await services.gateway?.stop();
  await Promise.all(DATA_SERVICES.map((name) => services[name]?.stop()));
  await kafka?.stop();
  await postgres?.stop();
}

async function allPorts(given: Partial<Ports> = {}): Promise<Ports> {
  const free = await freePorts(PORT_NAMES.length);
  const entries = PORT_NAMES.map((name, index) => [name, given[name] || free[index]]);
  return Object.fromEntries(entries) as Ports;
}
