import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { freePort, requireFreePort, SetupError } from '../machine/index.ts';
import {
  guardFolder,
  type ManagedProcess,
  type Part,
  StartError,
  startPart,
  startProcess,
  untilReady,
} from '../processes/index.ts';
import { waitFor } from '../waiting.ts';
import { createTopics, servesRequests, type TopicSpec } from './admin.ts';
import { java, javaProblem, kafkaJars } from './runtime.ts';

/** One more port for clients of one kind, which then connect to `advertisedPort`: a proxy's, for example. */
type KafkaListener = {
  name: string;
  port: number;
  advertisedPort: number;
  /** Its clients come by TLS, and log in by SCRAM-SHA-512; the keystore is the broker's, in PKCS #12. */
  secured?: { keystore: string; password: string };
};

export type KafkaOptions = {
  dataDir: string;
  /** Where the broker's jars are kept; WAVE_KAFKA_LIB or .data/kafka-lib when not given. */
  libDir?: string;
  /** 0, the default, is any free one. */
  port?: number;
  /** More ports, for clients that connect by a proxy. */
  listeners?: readonly KafkaListener[];
  /** False: `stop` removes the data folder. */
  persistent?: boolean;
  log?: (line: string) => void;
  signal?: AbortSignal | undefined;
};

export type KafkaBroker = Part & {
  /** As EVENTS_URL takes it. */
  readonly url: string;
  /** host:port, as Kafka clients take it. */
  readonly bootstrap: string;
  createTopics(topics: readonly TopicSpec[]): Promise<void>;
};

const READY_DEADLINE_MS = 120_000;
const CLUSTER_ID = 'AAAAAAAAAAAAAAAAAAAAAA';
const JVM_FLAGS = ['-Xms64m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Xshare:auto'];

/** Starts a single Kafka node on loopback, without ZooKeeper or Docker. Topics exist only once created. */
export async function startKafka(options: KafkaOptions): Promise<KafkaBroker> {
  const problem = javaProblem();
  if (problem !== undefined) throw new SetupError(`Kafka cannot run: ${problem}`);
  const dataDir = resolve(options.dataDir);
  const forget = options.persistent === false ? guardFolder(dataDir) : undefined;
  const jars = await kafkaJars(options);
  if (options.port) await requireFreePort(options.port, 'KAFKA_PORT');
  const port = options.port || (await freePort());
  const bootstrap = `127.0.0.1:${port}`;

  const launch = async (): Promise<ManagedProcess> => {
    const properties = await writeProperties(dataDir, port, options.listeners);
    const run = (main: string, ...args: string[]) =>
      startProcess({
        command: java,
        args: [...JVM_FLAGS, '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn', '-cp', `${jars}/*`, main, ...args],
        env: process.env,
        cwd: dataDir,
        stopDeadlineMs: 20_000,
        onLine: options.log,
      });
    if (!existsSync(join(dataDir, 'log', 'meta.properties'))) {
      const format = await run('kafka.tools.StorageTool', 'format', '-t', CLUSTER_ID, '-c', properties);
      const exit = await format.exited;
      if (exit.code !== 0) throw new StartError('formatting the folder of Kafka', exit, format.output());
    }
    return untilReady('Kafka', await run('kafka.Kafka', properties), (ended) =>
      waitFor('Kafka to serve requests', () => servesRequests(bootstrap), {
        deadlineMs: READY_DEADLINE_MS,
        signal: options.signal ? AbortSignal.any([options.signal, ended]) : ended,
      }),
    );
  };

  const part = await startPart(launch);
  const stopBroker = part.stop;
  return Object.assign(part, {
    url: `kafka://${bootstrap}`,
    bootstrap,
    stop: async (signal?: NodeJS.Signals) => {
      await stopBroker(signal);
      if (!forget) return;
      await rm(dataDir, { recursive: true, force: true });
      forget();
    },
    createTopics: (topics: readonly TopicSpec[]) => createTopics(bootstrap, topics),
  });
}

/** The controller's port is chosen anew at each start: only the node itself uses it. */
async function writeProperties(dataDir: string, port: number, listeners?: readonly KafkaListener[]): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const file = join(dataDir, 'server.properties');
  await writeFile(file, kafkaProperties(port, await freePort(), join(dataDir, 'log'), listeners));
  return file;
}

/** server.properties of a single node that is broker and controller in one, on loopback. */
function kafkaProperties(
  port: number,
  controllerPort: number,
  logDir: string,
  more: readonly KafkaListener[] = [],
): string {
  const clients: KafkaListener[] = [{ name: 'PLAINTEXT', port, advertisedPort: port }, ...more];
  const listeners = clients.map((listener) => `${listener.name}://127.0.0.1:${listener.port}`);
  const advertised = clients.map(({ name, advertisedPort }) => `${name}://127.0.0.1:${advertisedPort}`);
  return Object.entries({
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    listeners: [...listeners, `CONTROLLER://127.0.0.1:${controllerPort}`].join(),
    'advertised.listeners': advertised.join(),
    'listener.security.protocol.map': [{ name: 'CONTROLLER', secured: undefined }, ...clients]
      .map(({ name, secured }) => `${name}:${secured ? 'SASL_SSL' : 'PLAINTEXT'}`)
      .join(),
    ...Object.fromEntries(more.map(securityOf).flatMap(Object.entries<string>)),
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': logDir,
    'auto.create.topics.enable': false,
    // A node that was killed may come back once its last session is over, by default after 9 s.
    'broker.session.timeout.ms': 3_000,
    'broker.heartbeat.interval.ms': 500,
    'group.initial.rebalance.delay.ms': 0,
    'offsets.topic.num.partitions': 1,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 1,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
  })
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

function securityOf({ name, secured }: KafkaListener): Record<string, string> {
  if (!secured) return {};
  const settings = {
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.location': secured.keystore,
    'ssl.keystore.password': secured.password,
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    'scram-sha-512.sasl.jaas.config': 'org.apache.kafka.common.security.scram.ScramLoginModule required;',
  };
  const prefix = `listener.name.${name.toLowerCase()}`;
  return Object.fromEntries(Object.entries(settings).map(([setting, value]) => [`${prefix}.${setting}`, value]));
}
