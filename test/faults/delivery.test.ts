import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { readEventsConfig } from '@wave-connect/chassis/config';
import { createBus, type Event, type EventBus } from '@wave-connect/chassis/events';
import { createLogger } from '@wave-connect/chassis/observability';
import { type System, startSystem } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import pg from 'pg';
import { BUSES, EVENTUALLY } from '../support/buses.ts';
import { Person } from '../support/person.ts';

const anEvent = (type: string, key: string, data: unknown): Event => ({
  id: randomUUID(),
  type,
  source: '/test',
  time: new Date().toISOString(),
  key,
  sequence: '1000000',
  data,
});

for (const { bus: name, kafka, skip } of BUSES) {
  describe(`events that misbehave, by ${name}`, { skip }, () => {
    let system: System;
    let bus: EventBus;
    let reader: Person;

    before(async () => {
      system = await startSystem({ kafka, env: { LOG_LEVEL: 'fatal', BCRYPT_COST: '4' } });
      const log = createLogger('test', 'silent');
      bus = createBus(readEventsConfig({ EVENTS_URL: system.eventsUrl }), { clientId: `test-${randomUUID()}`, log });
      await bus.start();
      reader = await Person.join(system.url);
      await waitFor('their profile', async () => (await statusOf(reader.id)) === 200, EVENTUALLY);
    });
    after(async () => {
      await bus?.stop();
      await system?.stop();
    });

    const publish = (events: Event[]) =>
      waitFor('the bus to take events', () => bus.publish(events).then(() => true), EVENTUALLY);
    const statusOf = async (userId: string) => (await reader.get(`profile/${userId}`)).status;

    async function profileRows(sql: string) {
      const client = new pg.Client({ connectionString: system.databaseUrl('profile') });
      await client.connect();
      try {
        return (await client.query(sql)).rows;
      } finally {
        await client.end();
      }
    }

    /** Events that profile has put into its outbox so far: each effect announces itself once. */
    async function announcements(): Promise<number> {
      const [row] = await profileRows('SELECT last_value - (NOT is_called)::int AS count FROM outbox_position_seq');
      return Number(row.count);
    }

    test('the same event delivered twice makes one effect', async () => {
      const id = randomUUID();
      const registered = anEvent('user-registered', id, { user_id: id });
      const later = randomUUID();
      const before = await announcements();
      await publish([registered, registered]);
      await publish([registered, anEvent('user-registered', id, { user_id: later })]);
      await waitFor('the event behind them', async () => (await statusOf(later)) === 200, EVENTUALLY);
      assert.equal(await statusOf(id), 200);
      assert.equal((await announcements()) - before, 2);
    });

    test('a poison event lands among the dead letters with its reason, and the next one is handled', async () => {
      const key = randomUUID();
      const poison = anEvent('user-registered', key, { user_id: 'nobody at all' });
      await publish([poison, anEvent('user-registered', key, { user_id: key })]);
      await waitFor('the next event', async () => (await statusOf(key)) === 200, EVENTUALLY);
      const [letter] = await profileRows(`SELECT * FROM dead_letters WHERE event_id = '${poison.id}'`);
      assert.deepEqual(JSON.parse(letter?.value), poison.data);
      assert.equal(letter?.consumer_group, 'profile');
      assert.match(letter?.error, /ZodError/);
    });

    test('a registration that arrives after the deletion leaves no profile behind', async () => {
      const id = randomUUID();
      const after = randomUUID();
      await publish([anEvent('user-deleted', id, { user_id: id })]);
      const deleted = async () => (await reader.ask('GET', `profile/${id}`)).status === 404;
      await waitFor('the deletion', deleted, EVENTUALLY);
      await publish([
        anEvent('user-registered', id, { user_id: id }),
        anEvent('user-registered', id, { user_id: after }),
      ]);
      await waitFor('the event behind it', async () => (await statusOf(after)) === 200, EVENTUALLY);
      assert.equal(await statusOf(id), 404);
    });
  });
}
