import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { TestService } from '@wave-connect/dev-env/testing';
import request from 'supertest';
import { type Agent, as, PNG, someUsername, startProfile, userEvent } from './support.ts';

describe('profiles', () => {
  let profile: TestService;
  let reader: Agent;

  before(async () => {
    profile = await startProfile();
    reader = as(profile, randomUUID());
  });
  after(() => profile.stop());

  for (const path of ['/api/profile/', '/api/profile']) {
    test(`completing, replacing and clearing at ${path}`, async () => {
      const userId = randomUUID();
      const person = as(profile, userId);
      const [username, other] = [someUsername(), someUsername()];

      const created = await person.post(path).send({ username, bio: 'hi' }).expect(201);
      const { time_created } = created.body;
      assert.deepEqual(created.body, { id: userId, username, bio: 'hi', avatar_url: null, time_created });
      assert.ok(Math.abs(Date.now() - Date.parse(time_created)) < 60_000);

      const replaced = await person.put(path).send({ username: other }).expect(200);
      assert.deepEqual(replaced.body, { id: userId, username: other, bio: '', avatar_url: null, time_created });

      await person.delete(path).expect(204, '');
      const cleared = await reader.get(`/api/profile/${userId}`).expect(200);
      assert.deepEqual(cleared.body, { id: userId, username: null, bio: '', avatar_url: null, time_created });
    });
  }

  test('anybody reads a profile by its id, with or without a trailing slash', async () => {
    const userId = randomUUID();
    const { body } = await as(profile, userId).post('/api/profile/').send({ username: someUsername() }).expect(201);
    for (const path of [`/api/profile/${userId}`, `/api/profile/${userId}/`, `/api/profile/${userId.toUpperCase()}`]) {
      assert.deepEqual((await reader.get(path).expect(200)).body, body);
    }
    await reader.get(`/api/profile/${randomUUID()}`).expect(404);
  });

  test('anybody reads a profile by its username, in whatever case', async () => {
    const username = `Ada_${someUsername().slice(0, 10)}`;
    const { body } = await as(profile, randomUUID()).post('/api/profile/').send({ username }).expect(201);
    for (const asked of [username, username.toLowerCase(), username.toUpperCase()]) {
      assert.deepEqual((await reader.get(`/api/profile/username/${asked}`).expect(200)).body, body);
      assert.deepEqual((await reader.get(`/api/profile/username/${asked}/`).expect(200)).body, body);
    }
    await reader.get(`/api/profile/username/${someUsername()}`).expect(404);
  });

  test('an underscore or a percent sign in a lookup stands for itself', async () => {
    await as(profile, randomUUID()).post('/api/profile/').send({ username: 'wildcard' }).expect(201);
    await reader.get('/api/profile/username/wild_ard').expect(404);
    await reader.get('/api/profile/username/wild%25').expect(400);
  });

  test('a profile that is complete is not completed again', async () => {
    const person = as(profile, randomUUID());
    await person.post('/api/profile/').send({ username: someUsername() }).expect(201);
    const { body } = await person.post('/api/profile/').send({ username: someUsername() }).expect(409);
    assert.equal(body.detail, 'This profile is complete already.');
  });

  test('a username is taken in any case, to complete and to replace', async () => {
    const username = someUsername();
    await as(profile, randomUUID()).post('/api/profile/').send({ username }).expect(201);
    const late = as(profile, randomUUID());
    const { body } = await late.post('/api/profile/').send({ username: username.toUpperCase() }).expect(409);
    assert.equal(body.detail, 'This username is taken.');
    const own = someUsername();
    await late.post('/api/profile/').send({ username: own, bio: 'me' }).expect(201);
    const again = await late.put('/api/profile/').send({ username }).expect(409);
    assert.equal(again.body.detail, 'This username is taken.');
    assert.equal((await reader.get(`/api/profile/username/${own}`).expect(200)).body.bio, 'me');
  });

  test('people change the case of their own username', async () => {
    const username = someUsername();
    const person = as(profile, randomUUID());
    await person.post('/api/profile/').send({ username }).expect(201);
    await person.put('/api/profile/').send({ username: username.toUpperCase() }).expect(200);
  });

  test('a username that was given up is free again', async () => {
    const [username, other] = [someUsername(), someUsername()];
    const first = as(profile, randomUUID());
    await first.post('/api/profile/').send({ username }).expect(201);
    await first.put('/api/profile/').send({ username: other }).expect(200);
    await as(profile, randomUUID()).post('/api/profile/').send({ username }).expect(201);
    await first.delete('/api/profile/').expect(204);
    await as(profile, randomUUID()).post('/api/profile/').send({ username: other }).expect(201);
  });

  test('a profile that is not completed cannot be replaced', async () => {
    const userId = randomUUID();
    await as(profile, userId).put('/api/profile/').send({ username: someUsername() }).expect(404);
    await profile.deliver(userEvent('user-registered', userId));
    await as(profile, userId).put('/api/profile/').send({ username: someUsername() }).expect(404);
  });

  test('a profile with nothing in it cannot be cleared', async () => {
    const userId = randomUUID();
    const person = as(profile, userId);
    await person.delete('/api/profile/').expect(404);
    await profile.deliver(userEvent('user-registered', userId));
    await person.delete('/api/profile/').expect(404);
    await person.post('/api/profile/').send({ username: someUsername() }).expect(201);
    await person.delete('/api/profile/').expect(204);
    await person.delete('/api/profile/').expect(404);
  });

  test('clearing takes the avatar away too, and the profile can be completed again', async () => {
    const userId = randomUUID();
    const person = as(profile, userId);
    await person.put('/api/profile/avatar/').type('image/png').send(PNG).expect(204);
    await person.delete('/api/profile/').expect(204);
    await reader.get(`/api/profile/avatar/${userId}`).expect(404);
    await person.post('/api/profile/').send({ username: someUsername() }).expect(201);
  });

  test('a request that names no caller is 401 on every route', async () => {
    const nobody = request(profile.url);
    const id = randomUUID();
    await nobody.post('/api/profile/').send({ username: someUsername() }).expect(401);
    await nobody.put('/api/profile/').send({ username: someUsername() }).expect(401);
    await nobody.delete('/api/profile/').expect(401);
    await nobody.get(`/api/profile/${id}`).expect(401);
    await nobody.get('/api/profile/username/somebody').expect(401);
    await nobody.put('/api/profile/avatar/').type('image/png').send(PNG).expect(401);
    await nobody.get(`/api/profile/avatar/${id}`).expect(401);
  });
});
