import { join } from 'node:path';
import { KAFKA_TOPICS } from '@wave-connect/chassis/events';
import { type KafkaBroker, type KafkaOptions, startKafka, type TopicSpec } from '../kafka/index.ts';
import { type PostgresServer, startPostgres } from '../postgres/index.ts';
import { DATA_SERVICES, type DataServiceName } from './service-settings.ts';

export type BackingOptions = {
  dataDir: string;
  persistent: boolean;
  port: number | undefined;
  log: (line: string) => void;
  signal: AbortSignal;
};

export const databaseName = (service: DataServiceName): string => `${service}_db`;
export const EVENTS_DATABASE = 'events_db';

/** Postgres with a database for each service, and one for events; `started` is called before the databases are created. */
export async function startDatabases(
  { dataDir, port = 0, ...options }: BackingOptions,
  started: (server: PostgresServer) => void,
): Promise<PostgresServer> {
  const server = await startPostgres({ ...options, dataDir: join(dataDir, 'postgres'), port });
  started(server);
  const names = [...DATA_SERVICES.map(databaseName), EVENTS_DATABASE];
  await Promise.all(names.map((name) => server.createDatabase(name)));
  return server;
}

/** A Kafka broker with the system's topics; `started` is called before they are created. */
export async function startBroker(
  {
    dataDir,
    port = 0,
    topics = KAFKA_TOPICS,
    ...options
  }: BackingOptions & Pick<KafkaOptions, 'listeners'> & { topics?: readonly TopicSpec[] },
  started: (broker: KafkaBroker) => void,
): Promise<KafkaBroker> {
  const broker = await startKafka({ ...options, dataDir: join(dataDir, 'kafka'), port });
  started(broker);
  await broker.createTopics(topics);
  return broker;
}
