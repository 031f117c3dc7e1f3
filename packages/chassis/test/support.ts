import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { testDatabases } from '@wave-connect/dev-env/testing';
import pg from 'pg';
import { applyMigrations } from '../src/database/migrate.ts';
import { readPrismaFolder } from '../src/database/migrations.ts';
import type { DeadLetters } from '../src/events/dead-letters.ts';
import type { Event } from '../src/events/event.ts';
import { createLogger, type Logger } from '../src/observability/log.ts';

export const silent: Logger = createLogger('test', 'silent');

/** Stores no dead letter: for tests that are about something else. */
export const noDeadLetters: DeadLetters = {
  put: async () => assert.fail('an event was given up'),
  replay: async () => {},
};

/** A database with the tables of a service that publishes and consumes. */
export async function freshStore(): Promise<pg.Pool> {
  const url = await (await testDatabases()).freshDatabase('store');
  await applyMigrations(url, readPrismaFolder(new URL('../../../services/profile/prisma/', import.meta.url)));
  return new pg.Pool({ connectionString: url });
}

let sequence = 0;

/** An event of that topic, new in all that tells events apart. */
export function anEvent(type: string, over: Partial<Event> = {}): Event {
  sequence += 1;
  return {
    id: randomUUID(),
    type,
    source: '/test',
    time: new Date().toISOString(),
    key: randomUUID(),
    sequence: String(sequence),
    data: { number: sequence },
    ...over,
  };
}
