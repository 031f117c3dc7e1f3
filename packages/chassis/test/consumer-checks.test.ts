import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { testDatabases } from '@wave-connect/dev-env/testing';
import { readCommonConfig } from '../src/config/common.ts';
import { readDatabaseConfig } from '../src/config/database.ts';
import { readEventsConfig } from '../src/config/events.ts';
import { applyMigrations } from '../src/database/migrate.ts';
import { readPrismaFolder } from '../src/database/migrations.ts';
import type { Consumer, EventBus } from '../src/events/bus.ts';
import { createBase } from '../src/service/base.ts';
import { silent } from './support.ts';

const PRISMA_DIR = new URL('../../../services/chat/prisma/', import.meta.url);

let databaseUrl: string;

before(async () => {
  databaseUrl = await (await testDatabases()).freshDatabase('checks');
  await applyMigrations(databaseUrl, readPrismaFolder(PRISMA_DIR));
});

const inTrouble: Consumer = {
  waiting: () => 'it makes no progress',
  trouble: () => ({ reason: 'it makes no progress', forMs: 3_600_000 }),
  stalledMs: () => 0,
  isRunning: () => false,
  stop: async () => {},
};

const refused: Consumer = { ...inTrouble, waiting: () => 'the brokers refuse the login', trouble: () => undefined };

/** A service whose durable consumer and publisher are refused, and whose other consumer is in trouble. */
function aService() {
  const env = { DATABASE_URL: databaseUrl, EVENTS_URL: databaseUrl };
  const config = {
    ...readCommonConfig({ port: 0, metricsPort: 0 }, env),
    database: readDatabaseConfig(env),
    events: readEventsConfig(env),
  };
  const bus: Partial<EventBus> = {
    start: async () => {},
    stop: async () => {},
    openPublisher: () => ({ waiting: () => 'the brokers refuse the login' }),
    subscribe: ({ ephemeral }) => (ephemeral ? inTrouble : refused),
  };
  const base = createBase('chat', config, PRISMA_DIR, { log: silent, bus: bus as EventBus });
  base.consume({ 'user-deleted': async () => {} });
  base.consume({ 'user-deleted': async () => {} }, { ephemeral: true });
  const service = base.serve((_req, res) => res.end());
  return { base, service };
}

test('what waits for the bus is shown by name, and no reason for a service to be unready', async () => {
  const { base, service } = aService();
  await service.start();
  assert.deepEqual(await base.health.readiness(), {
    ok: true,
    checks: [
      { name: 'database', status: 'ok' },
      { name: 'consumer chat', status: 'waiting', detail: 'the brokers refuse the login' },
      { name: 'consumer chat, this replica', status: 'waiting', detail: 'it makes no progress' },
      { name: 'publisher', status: 'waiting', detail: 'the brokers refuse the login' },
    ],
  });
  assert.match(await base.metrics.registry.metrics(), /^events_publisher_connected\{service="chat"\} 0$/m);
  await service.stop();
});

test('only what a new process may mend makes a service not live', async () => {
  const { base, service } = aService();
  await service.start();
  assert.deepEqual(base.health.liveness(), {
    ok: false,
    checks: [
      { name: 'consumer chat', status: 'ok' },
      {
        name: 'consumer chat, this replica',
        status: 'failing',
        detail: 'chat, this replica does not consume: it makes no progress',
      },
    ],
  });
  await service.stop();
});
