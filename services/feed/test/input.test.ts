import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { TestService } from '@wave-connect/dev-env/testing';
import { type Agent, as, publish, startFeed } from './support.ts';

const BAD_TEXTS: Record<string, unknown> = {
  'no text': {},
  'an empty text': { text: '' },
  'a text of white space': { text: ' \n\t ' },
  'a text with NUL': { text: 'a\u0000b' },
  'a text of 5,001 characters': { text: 'x'.repeat(5_001) },
  'a number': { text: 7 },
  null: { text: null },
  'a list': { text: ['hello'] },
  'an unknown field': { text: 'hello', user_id: randomUUID() },
  'a body that is a list': [{ text: 'hello' }],
};

const BAD_JSON: Record<string, string> = {
  'a lone surrogate': '{"text": "\\ud800"}',
  'a cut body': '{"text": "hel',
  'a bare string': '"hello"',
  'a bare null': 'null',
};

const BAD_IDS = ['7', 'not-a-uuid', `${randomUUID()}0`, `urn:uuid:${randomUUID()}`, '%00', "' OR 1=1"];

const BAD_QUERIES = [
  'limit=0',
  'limit=101',
  'limit=-1',
  'limit=2.5',
  'limit=many',
  'limit=',
  'limit=1&limit=2',
  'cursor=',
  'cursor=nonsense',
  'cursor=AAAA',
  `cursor=${randomUUID()}`,
  `cursor=${'A'.repeat(201)}`,
  'offset=3',
];

describe('what the feed refuses', () => {
  let feed: TestService;
  let person: Agent;
  let pubId: string;

  before(async () => {
    feed = await startFeed();
    person = as(feed, randomUUID());
    pubId = await publish(person);
  });
  after(() => feed.stop());

  const writes = () =>
    [
      ['post', '/api/feed/'],
      ['put', `/api/feed/${pubId}`],
      ['post', `/api/feed/${pubId}/comment/`],
    ] as const;

  for (const [what, body] of Object.entries(BAD_TEXTS)) {
    test(`${what} is 400 wherever text is written`, async () => {
      for (const [method, path] of writes()) {
        const response = await person[method](path)
          .send(body as object)
          .expect(400);
        assert.equal(response.body.type, '/problems/invalid-request');
        assert.ok(response.body.errors.length > 0);
      }
    });
  }

  for (const [what, json] of Object.entries(BAD_JSON)) {
    test(`${what} is 400`, async () => {
      for (const [method, path] of writes()) {
        await person[method](path).set('Content-Type', 'application/json').send(json).expect(400);
      }
    });
  }

  test('a body of more than 64 KiB is 413', async () => {
    for (const [method, path] of writes())
      await person[method](path)
        .send({ text: 'x'.repeat(70_000) })
        .expect(413);
  });

  test('a body that is no JSON is 415', async () => {
    for (const [method, path] of writes()) await person[method](path).type('text/plain').send('hello').expect(415);
  });

  test('5,000 characters outside the basic plane are not too many', async () => {
    const text = '🌊'.repeat(5_000);
    const { body } = await person.post('/api/feed/').send({ text }).expect(201);
    assert.equal(body.text, text);
  });

  test('ids that are no UUIDs are 400', async () => {
    for (const id of BAD_IDS) {
      await person.get(`/api/feed/${id}`).expect(400);
      await person.put(`/api/feed/${id}`).send({ text: 'x' }).expect(400);
      await person.delete(`/api/feed/${id}`).expect(400);
      await person.get(`/api/feed/user/${id}`).expect(400);
      await person.get(`/api/feed/${id}/comment/`).expect(400);
      await person.post(`/api/feed/${id}/comment/`).send({ text: 'x' }).expect(400);
      await person.delete(`/api/feed/comment/${id}`).expect(400);
    }
  });

  test('queries that the lists do not know are 400', async () => {
    for (const query of BAD_QUERIES) {
      await person.get(`/api/feed/?${query}`).expect(400);
      await person.get(`/api/feed/user/${randomUUID()}?${query}`).expect(400);
      await person.get(`/api/feed/${pubId}/comment/?${query}`).expect(400);
    }
  });

  test('paths are matched with their case, and HEAD is GET without a body', async () => {
    for (const path of ['/api/feed/USER', '/api/feed/User', '/API/feed', '/api/Feed/user']) {
      await person.get(`${path}/${randomUUID()}`).expect(404);
    }
    const { text } = await person.head('/api/feed/').expect(200);
    assert.equal(text ?? '', '');
    await person.head('/api/feed/nothing/here').expect(404);
  });

  test('methods that a path does not have are 405, unknown paths 404', async () => {
    await person.delete('/api/feed/').expect(405);
    await person.patch(`/api/feed/${pubId}`).send({ text: 'x' }).expect(405);
    await person.get(`/api/feed/${pubId}/likes/`).expect(404);
  });

  test('"user" and "comment" are no ids of publications', async () => {
    await person.get('/api/feed/user').expect(400);
    await person.get('/api/feed/comment').expect(400);
  });
});
