import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { TestService } from '@wave-connect/dev-env/testing';
import { type Agent, as, publish, startFeed } from './support.ts';

const BAD_TEXTS: Record<string, unknown> = {
  'no text': {},
  'an empty text': { text: '' },
  'a text of white space': { text: ' \n\t ' },
  'a filler': { text: '\u3164' },
  'a variation selector': { text: '\ufe0f' },
  'tags and blank braille': { text: '\u{e0041}\u2800\u{e007f}' },
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

const NOT_UTF_8: Record<string, Buffer> = {
  'Latin-1': Buffer.from('{"text": "caf\u00e9"}', 'latin1'),
  'UTF-16': Buffer.from('{"text": "hello"}', 'utf16le'),
  'a character that is cut off': Buffer.from('{"text": "\u20ac"}').subarray(0, -3),
  'an overlong form': Buffer.concat([Buffer.from('{"text": "'), Buffer.from([0xc0, 0xaf]), Buffer.from('"}')]),
  'an encoded surrogate': Buffer.concat([
    Buffer.from('{"text": "'),
    Buffer.from([0xed, 0xa0, 0x80]),
    Buffer.from('"}'),
  ]),
  'a byte that no character has, in a name': Buffer.concat([
    Buffer.from('{"text": "x", "'),
    Buffer.from([0xff]),
    Buffer.from('": 1}'),
  ]),
};

/** In place of superagent's own JSON. */
const asItIs = (body: unknown) => body as string;

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

  test('a body that is not UTF-8 is 400, and one that says so is 415, whatever it holds', async () => {
    for (const [method, path] of writes()) {
      const send = (type: string, body: Buffer) =>
        person[method](path).set('Content-Type', type).serialize(asItIs).send(body);
      for (const [what, body] of Object.entries(NOT_UTF_8)) {
        const { status } = await send('application/json', body);
        assert.equal(status, 400, what);
      }
      for (const charset of ['iso-8859-1', 'utf-16', 'utf-16le', 'utf-32', 'utf-7', 'windows-1252', 'x']) {
        const { status } = await send(`application/json; charset=${charset}`, Buffer.from('{"text": "hello"}'));
        assert.equal(status, 415, charset);
      }
      for (const charset of ['utf-8', 'UTF-8', '"utf-8"']) {
        const { status } = await send(`application/json; charset=${charset}`, Buffer.from('{"text": "caf\u00e9"}'));
        assert.ok(status === 200 || status === 201, charset);
      }
    }
  });

  test('a compressed body has to be UTF-8 as well', async () => {
    const send = (body: Buffer) =>
      person
        .post('/api/feed/')
        .set({ 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' })
        .serialize(asItIs)
        .send(gzipSync(body));
    await send(Buffer.from('{"text": "caf\u00e9"}')).expect(201);
    await send(NOT_UTF_8['Latin-1'] ?? assert.fail()).expect(400);
  });

  test('one byte order mark in front of JSON is left out, elsewhere it is text', async () => {
    const send = (text: string) => person.post('/api/feed/').set('Content-Type', 'application/json').send(text);
    const { body } = await send('\ufeff{"text": "\ufeffhello"}').expect(201);
    assert.equal(body.text, '\ufeffhello');
    await send('\ufeff\ufeff{"text": "hello"}').expect(400);
  });

  test('percent-encoding that is cut off, or is not UTF-8, is 400 in path and query', async () => {
    for (const bad of ['%', '%z', '%4', '%zz', '%ff', '%c3', '%c0%af', '%ed%a0%80', 'caf%e9']) {
      await person.get(`/api/feed/${bad}`).expect(400);
      await person.get(`/api/feed/user/${bad}`).expect(400);
      await person.get(`/api/feed/?limit=1${bad}`).expect(400);
      await person.get(`/api/feed/?${bad}=1`).expect(400);
      await person.post(`/api/feed/?${bad}`).send({ text: 'hello' }).expect(400);
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
