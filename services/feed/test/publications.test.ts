import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { TestService } from '@wave-connect/dev-env/testing';
import request from 'supertest';
import { type Agent, as, publish, startFeed } from './support.ts';

describe('publications', () => {
  const author = randomUUID();
  let feed: TestService;
  let writer: Agent;
  let reader: Agent;

  before(async () => {
    feed = await startFeed();
    writer = as(feed, author);
    reader = as(feed, randomUUID());
  });
  after(() => feed.stop());

  for (const path of ['/api/feed/', '/api/feed']) {
    test(`publishing at ${path} returns 201 with the publication`, async () => {
      const { body } = await writer.post(path).send({ text: 'first' }).expect(201);
      assert.deepEqual(body, {
        id: body.id,
        text: 'first',
        user_id: author,
        time_created: body.time_created,
        author: null,
        comment_count: 0,
      });
      assert.ok(Math.abs(Date.now() - Date.parse(body.time_created)) < 60_000);
    });

    test(`${path} lists publications, newest first`, async () => {
      const older = await publish(writer);
      const newer = await publish(writer);
      const { body } = await reader.get(path).expect(200);
      assert.deepEqual(
        body.items.slice(0, 2).map(({ id }: { id: string }) => id),
        [newer, older],
      );
    });
  }

  test('the time of a publication is the time in its id', async () => {
    const { body } = await writer.post('/api/feed/').send({ text: 'now' }).expect(201);
    const milliseconds = Number.parseInt(body.id.replace('-', '').slice(0, 12), 16);
    assert.equal(Date.parse(body.time_created), milliseconds);
  });

  test('anybody reads a publication by its id, with or without a trailing slash', async () => {
    const id = await publish(writer, 'read me');
    for (const path of [`/api/feed/${id}`, `/api/feed/${id}/`, `/api/feed/${id.toUpperCase()}`]) {
      const { body } = await reader.get(path).expect(200);
      assert.equal(body.id, id);
      assert.equal(body.text, 'read me');
    }
  });

  test('the page of one person holds their publications alone', async () => {
    const person = randomUUID();
    const id = await publish(as(feed, person));
    await publish(writer);
    for (const path of [`/api/feed/user/${person}`, `/api/feed/user/${person}/`]) {
      const { body } = await reader.get(path).expect(200);
      assert.deepEqual(
        body.items.map((item: { id: string }) => item.id),
        [id],
      );
      assert.equal(body.next_cursor, null);
    }
  });

  test('the page of a person who has published nothing is empty', async () => {
    const { body } = await reader.get(`/api/feed/user/${randomUUID()}`).expect(200);
    assert.deepEqual(body, { items: [], next_cursor: null });
  });

  test('its author rewrites a publication, whose place and time stay', async () => {
    const { body: before } = await writer.post('/api/feed/').send({ text: 'draft' }).expect(201);
    const { body } = await writer.put(`/api/feed/${before.id}`).send({ text: 'final' }).expect(200);
    assert.deepEqual(body, { ...before, text: 'final' });
    assert.deepEqual((await reader.get(`/api/feed/${before.id}`).expect(200)).body, body);
    await writer.put(`/api/feed/${before.id}/`).send({ text: 'final again' }).expect(200);
  });

  test('its author deletes a publication', async () => {
    for (const slash of ['', '/']) {
      const id = await publish(writer);
      await writer.delete(`/api/feed/${id}${slash}`).expect(204, '');
      await reader.get(`/api/feed/${id}`).expect(404);
      await writer.delete(`/api/feed/${id}`).expect(404);
    }
  });

  test('nobody else rewrites or deletes it', async () => {
    const id = await publish(writer, 'mine');
    await reader.put(`/api/feed/${id}`).send({ text: 'ours' }).expect(403);
    await reader.delete(`/api/feed/${id}`).expect(403);
    assert.equal((await reader.get(`/api/feed/${id}`).expect(200)).body.text, 'mine');
  });

  test('an unknown publication is 404 to read, rewrite and delete', async () => {
    const path = `/api/feed/${randomUUID()}`;
    const { body } = await writer
      .get(path)
      .expect(404)
      .expect('Content-Type', /application\/problem\+json/);
    assert.equal(body.type, '/problems/not-found');
    await writer.put(path).send({ text: 'x' }).expect(404);
    await writer.delete(path).expect(404);
  });

  test('a request that names no caller is 401 on every route', async () => {
    const nobody = request(feed.url);
    const id = randomUUID();
    await nobody.get('/api/feed/').expect(401);
    await nobody.post('/api/feed/').send({ text: 'x' }).expect(401);
    await nobody.get(`/api/feed/user/${id}`).expect(401);
    await nobody.get(`/api/feed/${id}`).expect(401);
    await nobody.put(`/api/feed/${id}`).send({ text: 'x' }).expect(401);
    await nobody.delete(`/api/feed/${id}`).expect(401);
    await nobody.get('/api/feed/').set('X-User-ID', 'somebody').expect(401);
  });

  test('of many deletions of one publication at once, one succeeds', async () => {
    const id = await publish(writer);
    const responses = await Promise.all(Array.from({ length: 8 }, () => writer.delete(`/api/feed/${id}`)));
    assert.deepEqual(responses.map(({ status }) => status).sort(), [204, ...Array(7).fill(404)]);
  });
});
