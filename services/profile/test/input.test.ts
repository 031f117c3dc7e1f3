import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { TestService } from '@wave-connect/dev-env/testing';
import { type Agent, as, someUsername, startProfile } from './support.ts';

const BAD_BODIES: Record<string, unknown> = {
  'no username': { bio: 'hi' },
  'a username of two characters': { username: 'ab' },
  'a username of 31 characters': { username: 'a'.repeat(31) },
  'a username with a space': { username: 'ada lovelace' },
  'a username outside ASCII': { username: 'ädälein' },
  'a username with a line feed': { username: 'ada_lovelace\n' },
  'a username with NUL': { username: 'ada\u0000' },
  'a username that is a number': { username: 12345 },
  'a username that is null': { username: null },
  'a bio of 501 characters': { username: 'somebody', bio: 'x'.repeat(501) },
  'a bio with NUL': { username: 'somebody', bio: 'a\u0000b' },
  'a bio that is a number': { username: 'somebody', bio: 1 },
  'a bio that is null': { username: 'somebody', bio: null },
  'an unknown field': { username: 'somebody', version: 7 },
  'a body that is a list': ['somebody'],
};

const BAD_JSON: Record<string, string> = {
  'a lone surrogate': '{"username": "somebody", "bio": "\\udfff"}',
  'a cut body': '{"username": "some',
  'a bare string': '"somebody"',
};

const BAD_IDS = ['7', 'not-a-uuid', `${randomUUID()}0`, `urn:uuid:${randomUUID()}`, '%00', "' OR 1=1"];

describe('what the profile service refuses', () => {
  let profile: TestService;
  let person: Agent;

  before(async () => {
    profile = await startProfile();
    person = as(profile, randomUUID());
    await person.post('/api/profile/').send({ username: someUsername(), bio: 'before' }).expect(201);
  });
  after(() => profile.stop());

  for (const [what, body] of Object.entries(BAD_BODIES)) {
    test(`${what} is 400`, async () => {
      for (const method of ['post', 'put'] as const) {
        const response = await person[method]('/api/profile/')
          .send(body as object)
          .expect(400);
        assert.equal(response.body.type, '/problems/invalid-request');
        assert.ok(response.body.errors.length > 0);
      }
    });
  }

  for (const [what, json] of Object.entries(BAD_JSON)) {
    test(`${what} is 400`, async () => {
      for (const method of ['post', 'put'] as const) {
        await person[method]('/api/profile/').set('Content-Type', 'application/json').send(json).expect(400);
      }
    });
  }

  test('a body of more than 64 KiB is 413', async () => {
    await person
      .put('/api/profile/')
      .send({ username: 'somebody', bio: 'x'.repeat(70_000) })
      .expect(413);
  });

  test('a body that is no JSON is 415', async () => {
    await person.put('/api/profile/').type('text/plain').send('somebody').expect(415);
    await person.post('/api/profile/').type('form').send({ username: 'somebody' }).expect(415);
  });

  test('a bio of 500 characters outside the basic plane is not too long', async () => {
    const bio = '🌊'.repeat(500);
    const { body } = await person.put('/api/profile/').send({ username: someUsername(), bio }).expect(200);
    assert.equal(body.bio, bio);
  });

  test('ids that are no UUIDs are 400', async () => {
    for (const id of BAD_IDS) {
      await person.get(`/api/profile/${id}`).expect(400);
      await person.get(`/api/profile/avatar/${id}`).expect(400);
    }
  });

  test('usernames that nobody can have are 400', async () => {
    for (const username of ['ab', 'a'.repeat(31), 'ad%00a', 'ad%20a', '%F0%9F%8C%8A', '%ED%A0%80']) {
      await person.get(`/api/profile/username/${username}`).expect(400);
    }
  });

  test('queries that a path does not know are 400', async () => {
    await person.get(`/api/profile/${randomUUID()}?fields=bio`).expect(400);
  });

  test('methods that a path does not have are 405, unknown paths 404', async () => {
    await person.get('/api/profile/').expect(405);
    await person.delete(`/api/profile/${randomUUID()}`).expect(405);
    await person.get(`/api/profile/${randomUUID()}/friends`).expect(404);
  });
});
