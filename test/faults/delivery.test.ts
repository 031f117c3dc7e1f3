import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { Event, EventBus } from '@wave-connect/chassis/events';
import { type System, startSystem } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { BUSES, EVENTUALLY } from '../support/buses.ts';
import { count, query } from '../support/database.ts';
import { anEvent, startBus } from '../support/events.ts';
import { Person } from '../support/person.ts';

for (const { bus: name, kafka, skip } of BUSES) {
  describe(`events that misbehave, by ${name}`, { skip }, () => {
    let system: System;
    let bus: EventBus;
    let reader: Person;

    before(async () => {
      system = await startSystem({ kafka, env: { LOG_LEVEL: 'fatal', BCRYPT_COST: '4' } });
      bus = await startBus(system.eventsUrl);
      reader = await Person.joinWithProfile(system.url);
    });
    after(async () => {
      await bus?.stop();
      await system?.stop();
    });

    const publish = (events: Event[]) =>
      waitFor('the bus to take events', () => bus.publish(events).then(() => true), EVENTUALLY);

    /** Events that profile has put into its outbox so far: each effect announces itself once. */
    const announcements = () =>
      count(system.databaseUrl('profile'), 'SELECT last_value - (NOT is_called)::int FROM outbox_position_seq');

    test('the same event delivered twice makes one effect', async () => {
      const id = randomUUID();
      const registered = anEvent('user-registered', id, { user_id: id });
      const later = randomUUID();
      const before = await announcements();
      await publish([registered, registered]);
      await publish([registered, anEvent('user-registered', id, { user_id: later })]);
      await waitFor('the event behind them', async () => (await reader.profileStatus(later)) === 200, EVENTUALLY);
      assert.equal(await reader.profileStatus(id), 200);
      assert.equal((await announcements()) - before, 2);
    });

    test('a poison event lands among the dead letters with its reason, and the next one is handled', async () => {
      const key = randomUUID();
      const poison = anEvent('user-registered', key, { user_id: 'no id' });
      await publish([poison, anEvent('user-registered', key, { user_id: key })]);
      await waitFor('the next event', async () => (await reader.profileStatus(key)) === 200, EVENTUALLY);
      const [letter] = await query(
        system.databaseUrl('profile'),
        `SELECT * FROM dead_letters WHERE event_id = '${poison.id}'`,
      );
      assert.deepEqual(JSON.parse(letter?.value), poison.data);
      assert.equal(letter?.consumer_group, 'profile');
      assert.match(letter?.error, /ZodError/);
    });

    test('a registration that arrives after the deletion leaves no profile behind', async () => {
      const id = randomUUID();
      const after = randomUUID();
      await publish([anEvent('user-deleted', id, { user_id: id })]);
      const deleted = async () => (await reader.profileStatus(id)) === 404;
      await waitFor('the deletion', deleted, EVENTUALLY);
      await publish([
        anEvent('user-registered', id, { user_id: id }),
        anEvent('user-registered', id, { user_id: after }),
      ]);
      await waitFor('the event behind it', async () => (await reader.profileStatus(after)) === 200, EVENTUALLY);
      assert.equal(await reader.profileStatus(id), 404);
    });
  });
}
