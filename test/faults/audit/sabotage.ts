import { randomUUID } from 'node:crypto';
import { readEventsConfig } from '@wave-connect/chassis/config';
import { createBus, type Event, type EventBus } from '@wave-connect/chassis/events';
import { createLogger } from '@wave-connect/chassis/observability';
import type { DataServiceName } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { EVENTUALLY } from '../../support/buses.ts';
import { Person } from '../../support/person.ts';
import type { Ledger, Write, WriteKind } from '../load/ledger.ts';
import type { Target } from '../load/target.ts';
import { withDatabase } from './database.ts';
import type { Finding } from './finding.ts';

/** `commit` returns what the evidence must name. No two of them touch the same thing. */
export type Sabotage = { name: string; finds: Omit<Finding, 'evidence'>; commit(scene: Scene): Promise<string> };
export type Scene = { target: Target; ledger: Ledger; bus: EventBus };

export async function withBus<T>(eventsUrl: string, work: (bus: EventBus) => Promise<T>): Promise<T> {
  const log = createLogger('sabotage', 'silent');
  const bus = createBus(readEventsConfig({ EVENTS_URL: eventsUrl }), { clientId: `sabotage-${randomUUID()}`, log });
  await bus.start();
  try {
    return await work(bus);
  } finally {
    await bus.stop();
  }
}

export const anEvent = (type: string, key: string, data: unknown, id: string = randomUUID()): Event => ({
  id,
  type,
  source: '/sabotage',
  time: new Date().toISOString(),
  key,
  sequence: '0',
  data,
});

export const run = <Row extends Record<string, string>>({ target }: Scene, service: DataServiceName, sql: string) =>
  withDatabase(target.databaseUrl(service), (query) => query<Row>(sql));

/** The first column of the one row that the statement returns. */
export async function changed(scene: Scene, service: DataServiceName, sql: string): Promise<string> {
  const [row] = await run(scene, service, sql);
  const [value] = Object.values(row ?? {});
  if (value === undefined) throw new Error(`nothing to spoil: ${sql}`);
  return value;
}

/** The n-th of the writes that were acknowledged, by people who are still there to people who are still there; -1 is the last. */
export function acknowledged({ ledger }: Scene, kind: WriteKind, n = 0): Write {
  const left = new Set(ledger.people.filter((person) => person.left).map(({ session }) => session.id));
  const writes = ledger.writes.filter((write) => write.kind === kind && write.outcome === 'acknowledged');
  const write = writes.filter(({ by, about }) => !left.has(by) && !left.has(about)).at(n);
  if (!write) throw new Error(`the load has no ${kind} to spoil`);
  return write;
}

/** Does `work` while an `event` on a table runs `body` for each row. */
export async function withTrigger<T>(
  scene: Scene,
  at: { service: DataServiceName; table: string; event: string; body: string },
  work: () => Promise<T>,
): Promise<T> {
  await run(
    scene,
    at.service,
    `CREATE FUNCTION sabotage() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN ${at.body} END $$;
     CREATE TRIGGER sabotage ${at.event} ON ${at.table} FOR EACH ROW EXECUTE FUNCTION sabotage();`,
  );
  try {
    return await work();
  } finally {
    await run(scene, at.service, `DROP TRIGGER sabotage ON ${at.table}; DROP FUNCTION sabotage();`);
  }
}

/** Somebody new, whose profile is there. */
export async function newcomer({ target }: Scene): Promise<Person> {
  const person = await Person.join(target.url);
  await waitFor('the profile', async () => (await person.get(`profile/${person.id}`)).status === 200, EVENTUALLY);
  return person;
}
