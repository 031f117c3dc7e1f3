import type { RequestListener, Server } from 'node:http';
import type pg from 'pg';
import type { CommonConfig } from '../config/common.ts';
import type { DatabaseConfig } from '../config/database.ts';
import type { EventsConfig } from '../config/events.ts';
import { readPrismaFolder } from '../database/migrations.ts';
import { createPool } from '../database/pool.ts';
import { databaseCheck } from '../database/schema-check.ts';
import type { Consumer, EventBus } from '../events/bus.ts';
import { consumeEvents } from '../events/consumer.ts';
import { createBus } from '../events/create-bus.ts';
import type { EventHandler } from '../events/event.ts';
import { inboxPruning } from '../events/inbox-pruning.ts';
import { createRelay, type Relay } from '../events/relay.ts';
import { Health } from '../health.ts';
import { createHttpServer } from '../http/server.ts';
import { createLogger, type Logger } from '../log.ts';
import { Metrics } from '../metrics.ts';
import type { Part } from './lifecycle.ts';
import { createService, type Service } from './service.ts';

export type { Service };

export type DataServiceConfig = CommonConfig & { database: DatabaseConfig; events: EventsConfig };

/** What tests put in place of the usual parts. */
export type Overrides = { log?: Logger; bus?: EventBus; validateResponses?: boolean };

/** The parts that each service with a database of its own stands on. */
export type Base = {
  log: Logger;
  metrics: Metrics;
  health: Health;
  pool: pg.Pool;
  bus: EventBus;
  relay: Relay;
  validateResponses: boolean;
  /** Prepares consumption of the topics that have a handler; it begins when the service starts. */
  consume(handlers: Record<string, EventHandler>, options?: { ephemeral: boolean }): void;
  serve(listener: RequestListener, extra?: ExtraParts): Service;
};

/**
 * What a service has besides: `parts` outlive its requests, `sockets` are closed before the server is. One
 * that sends no events says `publishes: false`, and needs no outbox.
 */
export type ExtraParts = { parts?: Part[]; sockets?: (server: Server) => Part; publishes?: boolean };

/** `prismaDir` is the URL of the service's `prisma/` folder. */
export function createBase(name: string, config: DataServiceConfig, prismaDir: URL, overrides: Overrides = {}): Base {
  const log = overrides.log ?? createLogger(name, config.logLevel);
  const metrics = new Metrics(name);
  const health = new Health(log);
  const pool = createPool(config.database, log);
  const clientId = `${name}.${config.instanceId}`;
  const bus = overrides.bus ?? createBus(config.events, { clientId, log });
  const relay = createRelay({ pool, bus, source: `/${name}`, log, metrics });
  const retries = new AbortController();
  const consumers: Part[] = [];

  health.addReadyCheck(databaseCheck(pool, readPrismaFolder(prismaDir).migrations));
  metrics.observedGauge(
    'database_connections_waiting',
    'Requests that wait for a connection.',
    () => pool.waitingCount,
  );

  return {
    log,
    metrics,
    health,
    pool,
    bus,
    relay,
    validateResponses: overrides.validateResponses ?? false,
    consume(handlers, { ephemeral } = { ephemeral: false }) {
      const start = () =>
        consumeEvents({ bus, group: name, handlers, ephemeral, log, metrics, signal: retries.signal });
      consumers.push(consumerPart(start, health));
    },
    serve(listener, { parts: own = [], sockets, publishes = true } = {}) {
      const http = createHttpServer(listener, config);
      const parts: Part[] = [
        { name: 'pool', stop: () => pool.end() },
        { name: 'bus', start: () => bus.start(), stop: () => bus.stop() },
        ...(publishes ? [{ name: 'relay', start: () => relay.start(), stop: () => relay.stop() }] : []),
        ...own,
        ...(consumers.length > 0 ? [inboxPruning(pool, log)] : []),
        ...consumers,
        { name: 'retries', stop: () => retries.abort() },
      ];
      return createService({
        config,
        log,
        health,
        metrics,
        http,
        parts,
        sockets: sockets ? [sockets(http.server)] : [],
      });
    },
  };
}

function consumerPart(start: () => Consumer, health: Health): Part {
  let consumer: Consumer | undefined;
  const check = { name: 'consumer', run: () => consumer?.assertAlive() };
  health.addLiveCheck(check);
  health.addReadyCheck(check);
  return {
    name: 'consumer',
    start: () => {
      consumer = start();
    },
    stop: () => consumer?.stop(),
  };
}
