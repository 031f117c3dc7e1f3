import type { RequestListener, Server } from 'node:http';
import { TOPIC_NAMES, topics } from '@wave-connect/contracts/topics.ts';
import type pg from 'pg';
import type { CommonConfig } from '../config/common.ts';
import type { DatabaseConfig } from '../config/database.ts';
import type { EventsConfig } from '../config/events.ts';
import { readPrismaFolder } from '../database/migrations.ts';
import { createPool } from '../database/pool.ts';
import { databaseResponds } from '../database/probe.ts';
import { databaseCheck } from '../database/schema-check.ts';
import type { EventBus, Publisher } from '../events/bus.ts';
import { consumeEvents, type WatchedConsumer } from '../events/consumer/consumer.ts';
import { inboxPruning } from '../events/consumer/inbox.ts';
import { type TopicHandlers, withSchemas } from '../events/consumer/topic-handlers.ts';
import { createBus } from '../events/create-bus.ts';
import { consumerName, createDeadLetters, deadLetterGauge, deadLetterPruning } from '../events/dead-letters.ts';
import { createOutbox, type Outbox } from '../events/outbox/outbox.ts';
import { createRelay } from '../events/outbox/relay.ts';
import { createHttpServer } from '../http/server.ts';
import { createShedding, type Shedding } from '../http/shedding.ts';
import { Health } from '../observability/health.ts';
import { createLogger, type Logger } from '../observability/log.ts';
import { Metrics } from '../observability/metrics.ts';
import type { Part } from '../part.ts';
import { createService, type Service } from './service.ts';
import { waitingLog } from './waiting-log.ts';

export type { Service };

const NOT_STARTED = 'it has not started';

/** Connections for what is not a request's: the relay, a replay of dead letters, looks at both, probes. */
const HOUSEKEEPING_CONNECTIONS = 4;

export type DataServiceConfig = CommonConfig & { database: DatabaseConfig; events: EventsConfig };

/** What tests put in place of the usual parts. */
export type Overrides = { log?: Logger; bus?: EventBus; validateResponses?: boolean };

/** The parts that each service with a database of its own stands on. */
export type Base = {
  log: Logger;
  metrics: Metrics;
  health: Health;
  shedding: Shedding;
  pool: pg.Pool;
  bus: EventBus;
  outbox: Outbox;
  validateResponses: boolean;
  /** Prepares consumption of the topics that have a handler; it begins when the service starts. */
  consume(handlers: TopicHandlers, options?: { ephemeral: boolean }): void;
  serve(listener: RequestListener, extra?: ExtraParts): Service;
};

/** What a service has besides: `parts` outlive its requests, `sockets` are closed before the server is. */
export type ExtraParts = {
  parts?: Part[];
  sockets?: (server: Server) => Part;
};

/**
 * `name` is the service's in the contract of the topics, which says what it publishes; `prismaDir` is the URL of its
 * `prisma/` folder.
 */
export function createBase(name: string, config: DataServiceConfig, prismaDir: URL, overrides: Overrides = {}): Base {
  const log = overrides.log ?? createLogger(name, config.logLevel);
  const metrics = new Metrics(name);
  const health = new Health(log);
  const pool = createPool(config.database, log);
  // However many requests wait, events go out, and a database that is only busy is not taken for one that is away.
  const housekeeping = createPool({ ...config.database, poolSize: HOUSEKEEPING_CONNECTIONS }, log);
  const { poolSize, maxWaitingPerConnection } = config.database;
  const shedding = createShedding(config.overload, {
    log,
    metrics,
    poolIsBusy: () => pool.waitingCount >= poolSize * maxWaitingPerConnection,
  });
  const clientId = `${name}.${config.instanceId}`;
  const bus = overrides.bus ?? createBus(config.events, { clientId, log });
  const publishes = TOPIC_NAMES.filter((topic) => topics[topic].producer === name);
  const relay =
    publishes.length > 0 ? createRelay({ pool: housekeeping, bus, service: name, log, metrics }) : undefined;
  const deadLetters = createDeadLetters(housekeeping);
  const knownLetters: { group: string; topic: string }[] = [];
  const retries = new AbortController();
  const consumers: Part[] = [];

  health.addReadyCheck(databaseCheck(housekeeping, readPrismaFolder(prismaDir).migrations));
  metrics.observedGauge(
    'database_connections_waiting',
    'Requests that wait for a connection.',
    () => pool.waitingCount,
  );

  return {
    log,
    metrics,
    health,
    shedding,
    pool,
    bus,
    outbox: createOutbox(() => relay?.wake()),
    validateResponses: overrides.validateResponses ?? false,
    consume(handlers, { ephemeral } = { ephemeral: false }) {
      const consumer = consumerName(name, ephemeral);
      knownLetters.push(...Object.keys(handlers).map((topic) => ({ group: consumer, topic })));
      const start = () =>
        consumeEvents({
          bus,
          group: name,
          handlers: withSchemas(handlers),
          deadLetters,
          ephemeral,
          log,
          metrics,
          signal: retries.signal,
          databaseResponds: () => databaseResponds(housekeeping),
        });
      consumers.push(consumerPart(`consumer ${consumer}`, start, health));
    },
    serve(listener, { parts: own = [], sockets } = {}) {
      const http = createHttpServer(listener, config);
      const parts: Part[] = [
        { name: 'pools', stop: () => Promise.all([pool.end(), housekeeping.end()]) },
        { name: 'bus', start: () => bus.start(), stop: () => bus.stop() },
        ...(relay
          ? [
              publisherPart(() => bus.openPublisher(publishes), { health, metrics }),
              { name: 'relay', start: () => relay.start(publishes), stop: () => relay.stop() },
            ]
          : []),
        deadLetterGauge(housekeeping, knownLetters, { log, metrics }),
        deadLetterPruning(housekeeping, config.database.deadLetterRetentionDays, { log, metrics }),
        ...own,
        ...(consumers.length > 0 ? [inboxPruning(housekeeping, log)] : []),
        ...consumers,
        waitingLog(health, log),
        { name: 'retries', stop: () => retries.abort() },
      ];
      return createService({
        config,
        log,
        health,
        metrics,
        shedding,
        http,
        parts,
        sockets: sockets ? [sockets(http.server)] : [],
      });
    },
  };
}

function consumerPart(name: string, start: () => WatchedConsumer, health: Health): Part {
  let consumer: WatchedConsumer | undefined;
  health.addLiveCheck({ name, run: () => consumer?.assertAlive() });
  health.addWait({ name, reason: () => (consumer ? consumer.waiting() : NOT_STARTED) });
  return {
    name,
    start: () => {
      consumer = start();
    },
    stop: () => consumer?.stop(),
  };
}

function publisherPart(open: () => Publisher, { health, metrics }: { health: Health; metrics: Metrics }): Part {
  let publisher: Publisher | undefined;
  const reason = () => (publisher ? publisher.waiting() : NOT_STARTED);
  health.addWait({ name: 'publisher', reason });
  const help = 'Whether the event bus would take events, as far as is known.';
  metrics.observedGauge('events_publisher_connected', help, () => Number(reason() === undefined));
  return {
    name: 'publisher',
    start: () => {
      publisher = open();
    },
  };
}
