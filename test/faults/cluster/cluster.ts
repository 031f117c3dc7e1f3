import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { KafkaBroker } from '@wave-connect/dev-env/kafka';
import { temporaryFolder } from '@wave-connect/dev-env/machine';
import { DATA_SERVICES, type DataServiceName, startBroker } from '@wave-connect/dev-env/system';
import { allOrAbort } from '@wave-connect/dev-env/waiting';
import { findAbilities } from './abilities.ts';
import { type Database, startDatabase } from './databases.ts';
import { type Layout, planPorts } from './layout.ts';
import { createLinks } from './links.ts';
import { mapRecord } from './record.ts';
import { startReplicas, type Undo } from './replicas.ts';
import { startToxiproxy, type Toxiproxy } from './toxiproxy.ts';
import type { Cluster, ClusterOptions, UnaskedRestart } from './types.ts';

export { untilReady } from './replicas.ts';
export type { Ability, Cluster, ClusterOptions, Link, Replica, UnaskedRestart, Unavailable } from './types.ts';

/**
 * Brings up all of Wave Connect with replicas on loopback, on Kafka, a Postgres for each service, with a link that
 * can be hurt between each two parts. Resolves when every replica is ready.
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

async function bringUp(options: ClusterOptions, undo: Undo): Promise<Omit<Cluster, 'stop'>> {
  const folder = await temporaryFolder();
  undo(() => rm(folder, { recursive: true, force: true }));
  const abilities = await findAbilities(join(folder, 'clocks'));
  const layout = await planPorts(options.replicas ?? 2);
  const backing = await startBacking(options, { folder, layout, ownDisks: abilities.disks }, undo);
  const { toxiproxy, kafka, databases } = backing;
  const links = await createLinks(toxiproxy, layout, databases);
  const jwtSecret = randomBytes(32).toString('hex');
  const unaskedRestarts: UnaskedRestart[] = [];
  const databaseUrl = (name: DataServiceName) => databases[name].url;
  const reached = options.pastServiceLinks ? { ...layout, serviceLink: layout.balancer } : layout;
  const replicas = await startReplicas(
    options,
    { layout: reached, jwtSecret, databaseUrl, abilities, unaskedRestarts },
    undo,
  );

  return {
    url: `http://127.0.0.1:${layout.balancer.gateway}`,
    jwtSecret,
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
    unavailable: abilities.unavailable,
    async setClock({ part }, offsetSeconds) {
      if (!abilities.clocks) throw new Error('this machine has no libfaketime');
      await abilities.clocks.set(part, offsetSeconds);
    },
    fillDisk: (service) => databases[service].fillDisk(),
    freeDisk: (service) => databases[service].freeDisk(),
  };
}

type Backing = { toxiproxy: Toxiproxy; kafka: KafkaBroker; databases: Record<DataServiceName, Database> };

async function startBacking(
  { onLine, signal: outer }: ClusterOptions,
  { folder, layout, ownDisks }: { folder: string; layout: Layout; ownDisks: boolean },
  undo: Undo,
): Promise<Backing> {
  const logTo = (part: string) => (line: string) => onLine?.(part, line);
  const found: { toxiproxy?: Toxiproxy; kafka?: KafkaBroker } = {};
  const databases: Partial<Backing['databases']> = {};
  await allOrAbort(outer, (signal) => [
    startToxiproxy(logTo('toxiproxy')).then((toxiproxy) => {
      undo(() => toxiproxy.stop());
      found.toxiproxy = toxiproxy;
    }),
    startBroker(
      {
        dataDir: folder,
        persistent: false,
        port: undefined,
        listeners: DATA_SERVICES.map((name) => ({
          name: name.toUpperCase(),
          port: layout.kafkaListener[name],
          advertisedPort: layout.kafkaLink[name],
        })),
        log: logTo('kafka'),
        signal,
      },
      (kafka) => {
        undo(() => kafka.stop());
        found.kafka = kafka;
      },
    ),
    ...DATA_SERVICES.map(async (name) => {
      const database = await startDatabase(name, { folder, ownDisk: ownDisks, log: logTo(`postgres ${name}`), signal });
      undo(() => database.stop());
      databases[name] = database;
    }),
  ]);
  return { ...found, databases } as Backing;
}
