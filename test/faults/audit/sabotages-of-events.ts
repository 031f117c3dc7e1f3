import { randomUUID } from 'node:crypto';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { EVENTUALLY } from '../../support/buses.ts';
import { Person } from '../../support/person.ts';
import { newMarker } from '../load/ledger.ts';
import { withDatabase } from './database.ts';
import { acknowledged, anEvent, changed, newcomer, type Sabotage, withTrigger } from './sabotage.ts';
import { settle } from './settle.ts';

/** The outbox and the inbox, broken. */
export const BROKEN_EVENTS: Sabotage[] = [
  {
    name: 'a registration that is published and then rolled back',
    finds: { kind: 'wrong', what: 'a registration was announced that did not happen' },
    async commit(scene) {
      const id = randomUUID();
      await withDatabase(scene.target.databaseUrl('auth'), async (query) => {
        await query(`BEGIN; INSERT INTO users (id, email, password_hash) VALUES ('${id}', '${id}', '')`);
        await scene.bus.publish([anEvent('user-registered', id, { user_id: id })]);
        await query('ROLLBACK');
      });
      return id;
    },
  },
  {
    name: 'a message that is published and then rolled back',
    finds: { kind: 'wrong', what: 'a message was announced that is not there' },
    async commit(scene) {
      const { by: sender, about: receiver } = acknowledged(scene, 'message');
      const message = { id: randomUUID(), text: 'hello', sender, receiver, time_sent: new Date().toISOString() };
      await scene.bus.publish([anEvent('chat-messages', sender, message)]);
      return message.id;
    },
  },
  {
    name: 'a profile that is announced and then rolled back',
    finds: { kind: 'wrong', what: 'a description was announced that nobody wrote' },
    async commit(scene) {
      const { by: user_id } = acknowledged(scene, 'profile', 2);
      const bio = newMarker();
      await scene.bus.publish([anEvent('profile-updates', user_id, { user_id, username: null, bio, avatar: null })]);
      return bio;
    },
  },
  {
    name: 'a registration that is committed and never published',
    finds: { kind: 'lost', what: 'a registration was not announced' },
    commit: (scene) =>
      withTrigger(
        scene,
        {
          service: 'auth',
          table: 'outbox',
          event: 'AFTER INSERT',
          body: 'DELETE FROM outbox WHERE id = NEW.id; RETURN NULL;',
        },
        async () => (await Person.register(scene.target.url)).person.id,
      ),
  },
  {
    name: 'an outbox that announces a message twice',
    finds: { kind: 'doubled', what: 'a message was announced 2 times' },
    async commit(scene) {
      const { id = '', marker: text, by: sender, about: receiver } = acknowledged(scene, 'message', 1);
      const message = { id, text, sender, receiver, time_sent: new Date().toISOString() };
      await scene.bus.publish([anEvent('chat-messages', sender, message)]);
      return id;
    },
  },
  {
    name: 'an inbox that forgets, and an event that comes twice',
    finds: { kind: 'doubled', what: 'an event had its effect 2 times in profile' },
    commit: (scene) =>
      withTrigger(
        scene,
        {
          service: 'profile',
          table: 'processed_events',
          event: 'AFTER INSERT',
          body: 'DELETE FROM processed_events WHERE event_id = NEW.event_id; RETURN NULL;',
        },
        async () => {
          const { id } = await newcomer(scene);
          const eventId = await changed(
            scene,
            'profile',
            'SELECT event_id FROM audit.effects LEFT JOIN processed_events USING (event_id) WHERE processed_at IS NULL',
          );
          await scene.bus.publish([anEvent('user-registered', id, { user_id: id }, eventId)]);
          const times = () =>
            changed(scene, 'profile', `SELECT count(*) FROM audit.effects WHERE event_id = '${eventId}'`);
          await waitFor('the second effect', async () => Number(await times()) === 2, EVENTUALLY);
          return eventId;
        },
      ),
  },
  {
    name: 'an inbox that takes an event for one that it knows',
    finds: { kind: 'lost', what: 'an event had no effect in feed' },
    commit: (scene) =>
      withTrigger(
        scene,
        { service: 'feed', table: 'processed_events', event: 'BEFORE INSERT', body: 'RETURN NULL;' },
        async () => {
          const { id } = await newcomer(scene);
          await settle(scene.target, EVENTUALLY);
          return id;
        },
      ),
  },
  {
    name: 'an event that is given up',
    finds: { kind: 'lost', what: 'an event was given up' },
    commit: (scene) =>
      changed(
        scene,
        'feed',
        `INSERT INTO dead_letters (consumer_group, topic, event_id, headers, error, attempts)
         VALUES ('feed', 'user-deleted', uuidv7(), '{}', 'it was too much', 5) RETURNING event_id`,
      ),
  },
];
