import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type System, startSystem } from '@wave-connect/dev-env/system';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { count, query } from '../support/database.ts';
import { Person } from '../support/person.ts';

const SOON = { deadlineMs: 30_000 };

let system: System;

before(async () => {
  system = await startSystem({ env: { LOG_LEVEL: 'warn', BCRYPT_COST: '4' } });
});
after(() => system?.stop());

test('an author that no event has told of is missing while profile is stopped, and shown when it is back', async () => {
  const ada = await Person.join(system.url);
  assert.equal((await ada.ask('POST', 'profile/', { username: 'ada', bio: '' })).status, 201);
  assert.equal((await ada.ask('POST', 'feed/', { text: 'hello' })).status, 201);
  const url = system.databaseUrl('feed');
  const known = async () => (await count(url, 'SELECT count(*) FROM authors WHERE username IS NOT NULL')) === 1;
  await waitFor('the event', known, SOON);
  const author = async () => {
    const { status, body } = await ada.get('feed/');
    assert.equal(status, 200);
    return body.items[0].author;
  };

  await system.services.profile.stop();
  await query(url, 'DELETE FROM authors');
  assert.equal(await author(), null);

  await system.services.profile.restart();
  await waitFor('the author', async () => (await author())?.username === 'ada', SOON);
  await waitFor('the row', known, SOON);
});
