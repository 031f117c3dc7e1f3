import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { java, javaProblem } from './java.ts';
import { answersRequests, createTopics, type TopicSpec } from './kafka-admin.ts';
import { kafkaJars } from './kafka-libs.ts';
import { type KafkaListener, kafkaProperties } from './kafka-properties.ts';
import { type ManagedProcess, startProcess } from './managed-process.ts';
import { type Part, StartError, startPart, untilReady } from './part.ts';
import { freePort, requireFreePort } from './ports.ts';
import { SetupError } from './setup-error.ts';
import { waitFor } from './wait-for.ts';
import { guardFolder } from './watchdog.ts';

export { kafkaUnavailable } from './kafka-libs.ts';

export type KafkaOptions = {
  dataDir: string;
  /** Where the broker's jars are kept; WAVE_KAFKA_LIB or .data/kafka-lib when not given. */
  libDir?: string;
  /** 0, the default, is any free one. */
  port?: number;
  /** Ports besides, for clients that come another way. */
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
      waitFor('Kafka to answer', () => answersRequests(bootstrap), {
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

/** The controller's port is chosen anew at each start: nobody but the node itself knows it. */
async function writeProperties(dataDir: string, port: number, listeners?: readonly KafkaListener[]): Promise<string> {
  await mkdir(dataDir, { recursive: true });
  const file = join(dataDir, 'server.properties');
  await writeFile(file, kafkaProperties(port, await freePort(), join(dataDir, 'log'), listeners));
  return file;
}
