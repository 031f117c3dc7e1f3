import { randomUUID } from 'node:crypto';
import { constantSecret, type Env } from '@wave-connect/chassis/config';
import { readPrismaFolder } from '@wave-connect/chassis/database';
import { applyMigrations } from '@wave-connect/chassis/database/migrate';
import { createPostgresBus, type Event, type EventBus, TOPICS } from '@wave-connect/chassis/events';
import { createLogger } from '@wave-connect/chassis/observability';
import type { Overrides, Service } from '@wave-connect/chassis/service/base';
import pg from 'pg';
import { waitFor } from '../waiting.ts';
import { testDatabases } from './postgres.ts';

type Program<Config> = {
  name: string;
  prismaDir: URL;
  readConfig: (env: Env) => Config;
  create: (config: Config, overrides: Overrides) => Service;
  /** More environment than ports, databases and events. */
  env?: Env;
  /** The URL by which the service reaches the database that has the given one. */
  databaseVia?: ((databaseUrl: string) => Promise<string>) | undefined;
};

export type TestService = {
  url: string;
  metricsUrl: string;
  /** The service's own database, to query. */
  database: pg.Pool;
  databaseUrl: string;
  /** The bus that the service is on. */
  bus: EventBus;
  /**
   * Publishes an event, and resolves once the service has handled it and those delivered before. It counts the
   * events of the topic, so the test must publish them in no other way.
   */
  deliver(event: Pick<Event, 'type' | 'key' | 'data'> & Partial<Event>): Promise<Event>;
  stop(): Promise<void>;
};

const DEADLINE_MS = 20_000;

/** Starts a service in this process, on fresh databases, with its responses validated against the contract. */
export async function startTestService<Config>(program: Program<Config>): Promise<TestService> {
  const { freshDatabase } = await testDatabases();
  const [databaseUrl, eventsUrl] = await Promise.all([freshDatabase(program.name), freshDatabase('events')]);
  await applyMigrations(databaseUrl, readPrismaFolder(program.prismaDir));

  const log = createLogger('test', process.env.TEST_LOG_LEVEL ?? 'silent');
  const via = (await program.databaseVia?.(databaseUrl)) ?? databaseUrl;
  const env = { PORT: '0', METRICS_PORT: '0', DATABASE_URL: via, EVENTS_URL: eventsUrl, ...program.env };
  const service = program.create(program.readConfig(env), { log, validateResponses: true });
  const bus = createPostgresBus(constantSecret(eventsUrl), { topics: TOPICS, clientId: 'test', log });
  const database = new pg.Pool({ connectionString: databaseUrl });
  const delivered = new Map<string, number>();
  let sequence = 0;

  await service.start();
  await bus.start();
  await waitFor('the service to be ready', () => respondsOk(`${service.url}/readyz`), { deadlineMs: DEADLINE_MS });
  await waitFor('the event bus', () => takesEvents(bus), { deadlineMs: DEADLINE_MS });

  return {
    url: service.url,
    metricsUrl: service.metricsUrl,
    database,
    databaseUrl,
    bus,
    async deliver(given) {
      sequence += 1;
      const event = { ...about(given.type), sequence: String(sequence), ...given };
      const count = (delivered.get(event.type) ?? 0) + 1;
      delivered.set(event.type, count);
      await bus.publish([event]);
      const handled = async () => (await handledEvents(service.metricsUrl, event.type)) >= count;
      await waitFor(`${event.type} to be handled`, handled, { deadlineMs: DEADLINE_MS });
      return event;
    },
    async stop() {
      await service.stop();
      await bus.stop();
      await database.end();
    },
  };
}

/** As the topic's producer publishes it. */
const about = (topic: string) => ({
  id: randomUUID(),
  source: `/${TOPICS.find(({ name }) => name === topic)?.producer ?? 'test'}`,
  time: new Date().toISOString(),
});

const respondsOk = async (url: string) => (await fetch(url)).ok;

/** Throws until the bus is there; no service consumes this topic. */
async function takesEvents(bus: EventBus): Promise<boolean> {
  await bus.publish([{ ...about('probe'), type: 'probe', key: 'probe', sequence: '0', data: {} }]);
  return true;
}

/** Events of a topic that the service has handled, be it as dead letters, in that of its groups that has handled fewest. */
async function handledEvents(metricsUrl: string, topic: string): Promise<number> {
  const metrics = await (await fetch(`${metricsUrl}/metrics`)).text();
  const series = metrics
    .split('\n')
    .filter((line) => line.startsWith('events_consumed_total{') && line.includes(`topic="${topic}"`));
  const byGroup = Map.groupBy(series, (line) => /group="([^"]*)"/.exec(line)?.[1]);
  const counts = [...byGroup.values()].map((lines) =>
    lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0),
  );
  return Math.min(...counts);
}
