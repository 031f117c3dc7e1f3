import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { TestService } from '@wave-connect/dev-env/testing';
import { as, PNG, someUsername, startProfile, userEvent } from './support.ts';

const ROUNDS = 10;

describe('at the same moment', () => {
  let profile: TestService;

  before(async () => {
    profile = await startProfile();
  });
  after(() => profile.stop());

  const complete = (userId: string, username: string) => as(profile, userId).post('/api/profile/').send({ username });

  const statuses = async (requests: PromiseLike<{ status: number }>[]) =>
    (await Promise.all(requests)).map(({ status }) => status).sort();

  test('of two people who take one username, one gets it', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const username = someUsername();
      const responses = [complete(randomUUID(), username), complete(randomUUID(), username.toUpperCase())];
      assert.deepEqual(await statuses(responses), [201, 409]);
    }
  });

  test('of two people who change to one username, one gets it', async () => {
    const people = [randomUUID(), randomUUID()];
    for (const userId of people) await complete(userId, someUsername()).expect(201);
    for (let round = 0; round < ROUNDS; round += 1) {
      const username = someUsername();
      const responses = people.map((userId) => as(profile, userId).put('/api/profile/').send({ username }));
      assert.deepEqual(await statuses(responses), [200, 409]);
    }
  });

  test('two people who take the username of each other both keep their own', async () => {
    const [first, second] = [someUsername(), someUsername()];
    const people = [randomUUID(), randomUUID()] as const;
    await complete(people[0], first).expect(201);
    await complete(people[1], second).expect(201);
    const responses = [
      as(profile, people[0]).put('/api/profile/').send({ username: second }),
      as(profile, people[1]).put('/api/profile/').send({ username: first }),
    ];
    for (const status of await statuses(responses)) assert.ok([409, 503].includes(status), `unexpected ${status}`);
    const { body } = await as(profile, people[0]).get(`/api/profile/${people[0]}`).expect(200);
    assert.equal(body.username, first);
  });

  test('one person who completes their profile twice does it once', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const userId = randomUUID();
      assert.deepEqual(
        await statuses([complete(userId, someUsername()), complete(userId, someUsername())]),
        [201, 409],
      );
    }
  });

  test('a registration and a completion meet', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const userId = randomUUID();
      const username = someUsername();
      const registered = profile.deliver(userEvent('user-registered', userId));
      await complete(userId, username).expect(201);
      await registered;
      const { body } = await as(profile, userId).get(`/api/profile/${userId}`).expect(200);
      assert.equal(body.username, username);
    }
  });

  test('what is written at the moment of a deletion is refused or goes too', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const userId = randomUUID();
      const deleted = profile.deliver(userEvent('user-deleted', userId));
      const avatars = Array.from({ length: 5 }, () =>
        as(profile, userId).put('/api/profile/avatar/').type('image/png').send(PNG),
      );
      for (const status of await statuses(avatars)) assert.ok([204, 401].includes(status), `unexpected ${status}`);
      await deleted;
      await as(profile, randomUUID()).get(`/api/profile/${userId}`).expect(404);
    }
  });
});
