import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { Event } from '@wave-connect/chassis/events';
import { topics } from '@wave-connect/contracts/topics.ts';
import type { TestService } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { type Agent, as, PNG, pngOf, someUsername, startProfile, userEvent } from './support.ts';

const DEADLINE_MS = 20_000;

describe('events', () => {
  const updates: Event[] = [];
  let profile: TestService;
  let reader: Agent;

  before(async () => {
    profile = await startProfile();
    reader = as(profile, randomUUID());
    profile.bus.subscribe({
      topics: ['profile-updates'],
      group: 'feed',
      handler: async (event) => void updates.push(event),
    });
  });
  after(() => profile.stop());

  const updatesOf = (userId: string) => updates.filter(({ key }) => key === userId);

  async function whenPublished(userId: string, count: number): Promise<Event[]> {
    await waitFor(`${count} updates`, () => updatesOf(userId).length >= count, { deadlineMs: DEADLINE_MS });
    return updatesOf(userId);
  }

  test('a registration brings an empty profile, and says so', async () => {
    const userId = randomUUID();
    await profile.deliver(userEvent('user-registered', userId));
    const { body } = await reader.get(`/api/profile/${userId}`).expect(200);
    assert.deepEqual(
      { ...body, time_created: '' },
      { id: userId, username: null, bio: '', avatar_url: null, time_created: '' },
    );
    const [update] = await whenPublished(userId, 1);
    assert.deepEqual(update?.data, { user_id: userId, username: null, bio: '', avatar_etag: null, avatar: null });
  });

  test('every change is told of, in its order, with the state after it', async () => {
    const userId = randomUUID();
    const person = as(profile, userId);
    const [username, other] = [someUsername(), someUsername()];
    await person.post('/api/profile/').send({ username, bio: 'one' }).expect(201);
    await person.put('/api/profile/avatar/').type('image/png').send(PNG).expect(204);
    const { headers } = await reader.get(`/api/profile/avatar/${userId}`).expect(200);
    await person.put('/api/profile/').send({ username: other }).expect(200);
    await person.delete('/api/profile/').expect(204);

    const without = { avatar_etag: null, avatar: null };
    const withAvatar = { avatar_etag: headers.etag?.replaceAll('"', ''), avatar: '' };
    const events = await whenPublished(userId, 4);
    assert.deepEqual(
      events.map(({ data }) => data),
      [
        { user_id: userId, username, bio: 'one', ...without },
        { user_id: userId, username, bio: 'one', ...withAvatar },
        { user_id: userId, username: other, bio: '', ...withAvatar },
        { user_id: userId, username: null, bio: '', ...without },
      ],
    );
    const { rows } = await profile.database.query('SELECT version FROM profiles WHERE id = $1', [userId]);
    assert.equal(rows[0].version, events.at(-1)?.sequence);
  });

  test('a change that is refused is not told of', async () => {
    const userId = randomUUID();
    const person = as(profile, userId);
    const username = someUsername();
    await as(profile, randomUUID()).post('/api/profile/').send({ username }).expect(201);
    await person.post('/api/profile/').send({ username }).expect(409);
    await person.get(`/api/profile/${userId}`).expect(404);
    await person.post('/api/profile/').send({ username: someUsername() }).expect(201);
    await person.post('/api/profile/').send({ username: someUsername() }).expect(409);
    await person.put('/api/profile/').send({ username }).expect(409);
    await person.delete('/api/profile/').expect(204);
    await person.delete('/api/profile/').expect(404);
    assert.equal((await whenPublished(userId, 2)).length, 2);
  });

  test('an event is as small for the largest avatar as for none', async () => {
    const userId = randomUUID();
    const person = as(profile, userId);
    await person.put('/api/profile/avatar/').type('image/png').send(pngOf(524_288)).expect(204);
    await person.post('/api/profile/').send({ username: someUsername() }).expect(201);
    for (const { data } of await whenPublished(userId, 2)) assert.ok(JSON.stringify(data).length < 1_000);
  });

  test('an avatar that is set again as it is changes nothing', async () => {
    const userId = randomUUID();
    const person = as(profile, userId);
    for (let n = 0; n < 2; n += 1) {
      await person.put('/api/profile/avatar/').type('image/png').send(PNG).expect(204);
    }
    await person.post('/api/profile/').send({ username: someUsername() }).expect(201);
    const usernames = (await whenPublished(userId, 2)).map(
      ({ data }) => topics['profile-updates'].payload.parse(data).username,
    );
    assert.equal(usernames.length, 2);
    assert.equal(usernames[0], null);
  });

  test('changes of one profile at once are told of in the order in which they took effect', async () => {
    const userId = randomUUID();
    const person = as(profile, userId);
    await person.post('/api/profile/').send({ username: someUsername() }).expect(201);
    await Promise.all(
      Array.from({ length: 6 }, (_, n) =>
        person
          .put('/api/profile/')
          .send({ username: someUsername(), bio: `${n}` })
          .expect(200),
      ),
    );
    const events = await whenPublished(userId, 7);
    const sequences = events.map(({ sequence }) => Number(sequence));
    assert.deepEqual(
      sequences,
      sequences.toSorted((a, b) => a - b),
    );
    const { body } = await reader.get(`/api/profile/${userId}`).expect(200);
    const last = topics['profile-updates'].payload.parse(events.at(-1)?.data);
    assert.equal(last.bio, body.bio);
  });

  test('a registration that comes after its person changes nothing', async () => {
    const userId = randomUUID();
    const { body } = await as(profile, userId).post('/api/profile/').send({ username: someUsername() }).expect(201);
    await profile.deliver(userEvent('user-registered', userId));
    assert.deepEqual((await reader.get(`/api/profile/${userId}`).expect(200)).body, body);
    assert.equal((await whenPublished(userId, 1)).length, 1);
  });

  test('a registration that comes twice takes effect once', async () => {
    const userId = randomUUID();
    const event = await profile.deliver(userEvent('user-registered', userId));
    await profile.deliver(event);
    await profile.deliver(userEvent('user-registered', userId));
    await as(profile, userId).post('/api/profile/').send({ username: someUsername() }).expect(201);
    const published = await whenPublished(userId, 2);
    assert.deepEqual(
      published.map(({ data }) => topics['profile-updates'].payload.parse(data).username === null),
      [true, false],
    );
  });

  test('a deletion takes everything away, and frees the username', async () => {
    const userId = randomUUID();
    const person = as(profile, userId);
    const username = someUsername();
    await person.post('/api/profile/').send({ username }).expect(201);
    await person.put('/api/profile/avatar/').type('image/png').send(PNG).expect(204);
    const event = await profile.deliver(userEvent('user-deleted', userId));
    await profile.deliver(event);

    await reader.get(`/api/profile/${userId}`).expect(404);
    await reader.get(`/api/profile/avatar/${userId}`).expect(404);
    await reader.get(`/api/profile/username/${username}`).expect(404);
    await as(profile, randomUUID()).post('/api/profile/').send({ username }).expect(201);
  });

  test('whatever the old identity writes after its deletion is 401', async () => {
    const userId = randomUUID();
    const ghost = as(profile, userId);
    await profile.deliver(userEvent('user-deleted', userId));
    await ghost.post('/api/profile/').send({ username: someUsername() }).expect(401);
    await ghost.put('/api/profile/').send({ username: someUsername() }).expect(401);
    await ghost.delete('/api/profile/').expect(401);
    await ghost.put('/api/profile/avatar/').type('image/png').send(PNG).expect(401);
    await reader.get(`/api/profile/${userId}`).expect(404);
  });

  test('a registration that comes after the deletion brings nobody back', async () => {
    const userId = randomUUID();
    await profile.deliver(userEvent('user-deleted', userId));
    await profile.deliver(userEvent('user-registered', userId));
    await reader.get(`/api/profile/${userId}`).expect(404);
    assert.equal(updatesOf(userId).length, 0);
  });
});
