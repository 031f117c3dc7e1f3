import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCommonConfig } from '../src/config/common.ts';
import { readDatabaseConfig } from '../src/config/database.ts';
import { readEventsConfig } from '../src/config/events.ts';
import type { Consumer, EventBus } from '../src/events/bus.ts';
import { createBase } from '../src/service/base.ts';
import { silent } from './support.ts';

const PRISMA_DIR = new URL('../../../services/chat/prisma/', import.meta.url);
const NOWHERE = 'postgres://nobody@127.0.0.1:1/none';
const ENV = { DATABASE_URL: NOWHERE, EVENTS_URL: NOWHERE, DB_CONNECT_TIMEOUT_MS: '100' };
const CONFIG = {
  ...readCommonConfig({ port: 0, metricsPort: 0 }, ENV),
  database: readDatabaseConfig(ENV),
  events: readEventsConfig(ENV),
};

const inTrouble: Consumer = {
  trouble: () => ({ reason: 'it is refused', forMs: 3_600_000, restartHelps: true }),
  stalledMs: () => 0,
  isRunning: () => false,
  stop: async () => {},
};

test('the consumers of one service have checks of their own, for readiness and for liveness', async () => {
  const bus = {
    start: async () => {},
    stop: async () => {},
    subscribe: ({ ephemeral }) => (ephemeral ? inTrouble : { ...inTrouble, trouble: () => undefined }),
  } as EventBus;
  const base = createBase('chat', CONFIG, PRISMA_DIR, { log: silent, bus });
  base.consume({ 'user-deleted': async () => {} });
  base.consume({ 'user-deleted': async () => {} }, { ephemeral: true });
  const service = base.serve((_req, res) => res.end(), { publishes: false });
  await service.start();
  const ready = await base.health.readiness();
  const expected = [
    { name: 'consumer chat', status: 'ok' },
    {
      name: 'consumer chat, this replica',
      status: 'failing',
      detail: 'chat, this replica does not consume: it is refused',
    },
  ];
  assert.deepEqual(
    ready.checks.filter(({ name }) => name.startsWith('consumer')),
    expected,
  );
  assert.deepEqual(base.health.liveness(), { ok: false, checks: expected });
  await service.stop();
});
