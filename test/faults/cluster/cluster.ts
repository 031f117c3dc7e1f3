import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TOPICS } from '@wave-connect/chassis/events';
import { type KafkaBroker, kafkaUnavailable } from '@wave-connect/dev-env/kafka';
import { SetupError, temporaryFolder } from '@wave-connect/dev-env/machine';
import type { PostgresServer } from '@wave-connect/dev-env/postgres';
import {
  DATA_SERVICES,
  type DataServiceName,
  type Env,
  type ServiceName,
  startBroker,
} from '@wave-connect/dev-env/system';
import { allOrAbort } from '@wave-connect/dev-env/waiting';
import { run } from '../../support/command.ts';
import { createClocks, fakeTimeLibrary } from './clock.ts';
import { type Database, disksUnavailable, startDatabase } from './databases.ts';
import { type Layout, mapRecord, planPorts, replicaEnv } from './layout.ts';
import { createLinks, type Link, startToxiproxy, type Toxiproxy, toxiproxyUnavailable } from './links.ts';
import { type Replica, startReplicas, type UnaskedRestart, type Undo } from './replicas.ts';

/** What some machines cannot do to a cluster. */
export type Ability = 'clock' | 'disk';
export type Unavailable = { what: Ability; why: string };

export type ClusterOptions = {
  /** Comes before all else that services are told. */
  env?: Env;
  /**
   * The gateway reaches the services past the links, as over a network that nothing hurts. Toxiproxy ends both halves of
   * a connection where one ends, so that no close frame comes back once the gateway has ended its half.
   */
  pastServiceLinks?: boolean;
  /** `part` is 'auth[0]', 'postgres auth', 'kafka', 'toxiproxy', 'balancer auth' or 'kubelet'. */
  onLine?: (part: string, line: string) => void;
  /** Cuts a start short; what has come up so far is stopped. */
  signal?: AbortSignal;
};

export type Cluster = {
  /** Of the balancer in front of the gateway's replicas. */
  readonly url: string;
  readonly replicas: Readonly<Record<ServiceName, readonly Replica[]>>;
  /** A server for each service; a kill loses no commit. */
  readonly postgres: Readonly<Record<DataServiceName, PostgresServer>>;
  readonly kafka: KafkaBroker;
  readonly links: readonly Link[];
  /** @throws where there is no link of that name */
  link(name: string): Link;
  /** Past the links. */
  readonly eventsUrl: string;
  /** Past the links. */
  databaseUrl(service: DataServiceName): string;
  readonly unaskedRestarts: readonly UnaskedRestart[];
  /** Faults that cannot be brought about here. */
  readonly unavailable: readonly Unavailable[];
  /** Moves the replica's wall clock; it goes on from there, over restarts too, until it is set to 0. */
  setClock(replica: Replica, offsetSeconds: number): Promise<void>;
  /** Leaves no room on the disk of the service's Postgres. */
  fillDisk(service: DataServiceName): Promise<void>;
  /** Makes room again, and starts Postgres where it ended for want of it. */
  freeDisk(service: DataServiceName): Promise<void>;
  stop(): Promise<void>;
};

/**
 * Brings up all of Wave Connect with two replicas of each service on loopback, on Kafka, a Postgres for each service,
 * with a link that can be hurt between each two parts. Resolves when every replica is ready and events flow.
 */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  const undone: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const undo of undone.splice(0).reverse()) await undo();
  };
  try {
    return { ...(await bringUp(options, (undo) => undone.push(undo))), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function bringUp(
  { env = {}, pastServiceLinks = false, onLine = () => {}, signal }: ClusterOptions,
  undo: Undo,
): Promise<Omit<Cluster, 'stop'>> {
  const folder = await temporaryFolder();
  undo(() => rm(folder, { recursive: true, force: true }));
  const library = fakeTimeLibrary();
  const clocks = library === undefined ? undefined : createClocks(join(folder, 'clocks'), library);
  const noDisks = await disksUnavailable();
  const layout = await planPorts();
  const ownDisk = noDisks === undefined;
  const backing = await startBacking({ folder, layout, ownDisk, onLine, signal }, undo);
  const { toxiproxy, kafka, databases } = backing;
  const links = await createLinks(toxiproxy, layout, (name) => databases[name].server.port);
  const jwtSecret = randomBytes(32).toString('hex');
  const unaskedRestarts: UnaskedRestart[] = [];
  const databaseUrl = (name: DataServiceName) => databases[name].url;
  const reached = pastServiceLinks ? { ...layout, serviceLink: layout.balancer } : layout;
  const envOf = (name: ServiceName, index: number) => ({
    ...replicaEnv(name, index, { layout: reached, jwtSecret, databaseUrl }),
    ...env,
  });
  const replicas = await startReplicas({ layout, env: envOf, clocks, unaskedRestarts, onLine, signal }, undo);

  return {
    url: `http://127.0.0.1:${layout.balancer.gateway}`,
    replicas,
    postgres: mapRecord(DATA_SERVICES, (name) => databases[name].server),
    kafka,
    links,
    link(name) {
      const found = links.find((link) => link.name === name);
      if (!found) throw new Error(`there is no link ${name}`);
      return found;
    },
    eventsUrl: kafka.url,
    databaseUrl,
    unaskedRestarts,
    unavailable: [
      ...(clocks ? [] : [{ what: 'clock', why: 'libfaketime is not installed' } as const]),
      ...(noDisks === undefined ? [] : [{ what: 'disk', why: noDisks } as const]),
    ],
    async setClock({ part }, offsetSeconds) {
      if (!clocks) throw new Error('this machine has no libfaketime');
      await clocks.set(part, offsetSeconds);
    },
    fillDisk: (service) => databases[service].fillDisk(),
    freeDisk: (service) => databases[service].freeDisk(),
  };
}

type BackingOptions = { folder: string; layout: Layout; ownDisk: boolean } & Required<
  Pick<ClusterOptions, 'onLine'>
> & {
    signal: AbortSignal | undefined;
  };
type Backing = { toxiproxy: Toxiproxy; kafka: KafkaBroker; databases: Record<DataServiceName, Database> };

async function startBacking(options: BackingOptions, undo: Undo): Promise<Backing> {
  const { folder, layout, ownDisk } = options;
  const logTo = (part: string) => (line: string) => options.onLine(part, line);
  const found: { toxiproxy?: Toxiproxy; kafka?: KafkaBroker } = {};
  const databases: Partial<Backing['databases']> = {};
  const listeners = DATA_SERVICES.map((name) => ({
    name: name.toUpperCase(),
    port: layout.kafkaListener[name],
    advertisedPort: layout.kafkaLink[name],
  }));
  await allOrAbort(options.signal, (signal) => [
    startToxiproxy(logTo('toxiproxy')).then((toxiproxy) => {
      undo(() => toxiproxy.stop());
      found.toxiproxy = toxiproxy;
    }),
    startBroker(
      // The audit reads every event of a run, so none is deleted by its age.
      { dataDir: folder, persistent: false, port: undefined, topics: TOPICS, listeners, log: logTo('kafka'), signal },
      (kafka) => {
        undo(() => kafka.stop());
        found.kafka = kafka;
      },
    ),
    ...DATA_SERVICES.map(async (name) => {
      const database = await startDatabase(name, { folder, ownDisk, log: logTo(`postgres ${name}`), signal });
      undo(() => database.stop());
      databases[name] = database;
    }),
  ]);
  return { ...found, databases } as Backing;
}

const INSTALL_TIMEOUT_MS = 300_000;

/**
 * Installs what a cluster stands on, as far as this machine lets us.
 * @throws SetupError where there can be no cluster without what is missing
 */
export async function installPrerequisites(say: (line: string) => void): Promise<void> {
  if (fakeTimeLibrary() === undefined && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    say('installing libfaketime');
    const options = { env: { DEBIAN_FRONTEND: 'noninteractive' }, timeoutMs: INSTALL_TIMEOUT_MS };
    await run('apt-get', ['update', '-qq'], options)
      .then(() => run('apt-get', ['install', '-qq', '-y', '--no-install-recommends', 'libfaketime'], options))
      .catch((error: Error) => say(`it was not installed: ${error.message}`));
  }
  const missing = [kafkaUnavailable(), await toxiproxyUnavailable()].filter((problem) => problem !== undefined);
  if (missing.length > 0) throw new SetupError(missing.join('; '));
}
