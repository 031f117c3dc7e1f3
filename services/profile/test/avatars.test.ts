import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { TestService } from '@wave-connect/dev-env/testing';
import sharp from 'sharp';
import { type Agent, as, GIF, JPEG, PNG, pngOf, someUsername, startProfile, WEBP } from './support.ts';

const LIMIT = 524_288;
const PATH = '/api/profile/avatar/';

describe('avatars', () => {
  let profile: TestService;
  let limited: TestService;
  let reader: Agent;

  before(async () => {
    [profile, limited] = await Promise.all([startProfile(), startProfile({ AVATAR_CHANGES_PER_HOUR: '2' })]);
    reader = as(profile, randomUUID());
  });
  after(() => Promise.all([profile.stop(), limited.stop()]));

  for (const [type, bytes] of Object.entries({ 'image/png': PNG, 'image/jpeg': JPEG, 'image/webp': WEBP })) {
    test(`an ${type} comes back as a WebP`, async () => {
      const userId = randomUUID();
      await as(profile, userId).put(PATH).type(type).send(bytes).expect(204, '');
      for (const slash of ['', '/']) {
        const response = await reader.get(`${PATH}${userId}${slash}`).buffer().expect(200);
        const { format, width, height } = await sharp(response.body).metadata();
        assert.deepEqual([format, width, height], ['webp', 1, 1]);
        assert.equal(response.headers['content-type'], 'image/webp');
        assert.equal(response.headers['cache-control'], 'private, no-cache');
        assert.equal(response.headers['x-content-type-options'], 'nosniff');
        assert.match(response.headers.etag ?? '', /^"1-[\w-]{43}"$/);
      }
    });
  }

  test('the profile tells where the avatar is', async () => {
    const userId = randomUUID();
    await as(profile, userId).put('/api/profile/avatar').type('image/png').send(PNG).expect(204);
    const { body } = await reader.get(`/api/profile/${userId}`).expect(200);
    assert.equal(body.avatar_url, `/api/profile/avatar/${userId}`);
    assert.equal(body.username, null);
    await reader.get(body.avatar_url).expect(200);
  });

  test('who has the avatar already is told so, until it changes', async () => {
    const userId = randomUUID();
    const person = as(profile, userId);
    await person.put(PATH).type('image/png').send(PNG).expect(204);
    const { headers } = await reader.get(`${PATH}${userId}`).expect(200);
    const etag = headers.etag ?? '';

    for (const tags of [etag, `"other", ${etag}`, `W/${etag}`, '*']) {
      const response = await reader.get(`${PATH}${userId}`).set('If-None-Match', tags).expect(304);
      assert.equal(response.text, '');
      assert.equal(response.headers.etag, etag);
      assert.equal(response.headers['cache-control'], 'private, no-cache');
    }
    await person.put(PATH).type('image/jpeg').send(JPEG).expect(204);
    const response = await reader.get(`${PATH}${userId}`).set('If-None-Match', etag).expect(200);
    assert.notEqual(response.headers.etag, etag);
  });

  test('an image of 512 KiB is taken, one byte more is 413', async () => {
    const userId = randomUUID();
    const person = as(profile, userId);
    await person.put(PATH).type('image/png').send(pngOf(LIMIT)).expect(204);
    await reader.get(`${PATH}${userId}`).expect(200);
    const { body } = await person
      .put(PATH)
      .type('image/png')
      .send(pngOf(LIMIT + 1))
      .expect(413);
    assert.equal(body.type, '/problems/content-too-large');
  });

  test('bytes that are not what they say they are, or of another type, are 415', async () => {
    const person = as(profile, randomUUID());
    const text = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>');
    const refused: [string, Buffer][] = [
      ['image/png', JPEG],
      ['image/jpeg', PNG],
      ['image/webp', PNG],
      ['image/png', GIF],
      ['image/png', text],
      ['image/png', PNG.subarray(0, 4)],
      ['image/gif', GIF],
      ['image/svg+xml', text],
      ['application/octet-stream', PNG],
      ['text/html', text],
    ];
    for (const [type, bytes] of refused) {
      const { body } = await person.put(PATH).type(type).send(bytes).expect(415);
      assert.equal(body.type, '/problems/unsupported-media-type');
    }
    await person
      .put(PATH)
      .send({ image: PNG.toString('base64') })
      .expect(415);
  });

  test('no bytes are 400, no type is 415', async () => {
    const url = `${profile.url}${PATH}`;
    const headers = { 'X-User-ID': randomUUID() };
    const empty = await fetch(url, { method: 'PUT', headers: { ...headers, 'Content-Type': 'image/png' } });
    assert.equal(empty.status, 400);
    const untyped = await fetch(url, { method: 'PUT', headers, body: new Uint8Array(PNG) });
    assert.equal(untyped.status, 415);
    const nothing = await fetch(url, { method: 'PUT', headers });
    assert.equal(nothing.status, 415);
  });

  test('nobody has an avatar that they have not set', async () => {
    const userId = randomUUID();
    await reader.get(`${PATH}${userId}`).expect(404);
    await as(profile, userId).post('/api/profile/').send({ username: 'faceless' }).expect(201);
    const { headers } = await reader.get(`${PATH}${userId}`).expect(404);
    assert.equal(headers.etag, undefined);
    assert.equal(headers['cache-control'], 'no-store');
  });

  test('an avatar changes so many times in an hour, and then the response says when it may again', async () => {
    const userId = randomUUID();
    const person = as(limited, userId);
    const set = (bytes: number) => person.put(PATH).type('image/png').send(pngOf(bytes));
    const etag = async () => (await person.get(`${PATH}${userId}`).expect(200)).headers.etag;
    await set(200).expect(204);
    await set(201).expect(204);
    const second = await etag();
    const { body, headers } = await set(202).expect(429);
    assert.equal(body.type, '/problems/too-many-requests');
    const wait = Number(headers['retry-after']);
    assert.ok(wait > 3_500 && wait <= 3_600, `${wait}`);
    assert.equal(await etag(), second);
    await person.post('/api/profile/').send({ username: someUsername() }).expect(201);
    await as(limited, randomUUID()).put(PATH).type('image/png').send(PNG).expect(204);

    await limited.database.query(
      `UPDATE profiles SET avatar_changes = ARRAY[now() - interval '61 minutes', now()] WHERE id = $1`,
      [userId],
    );
    await set(202).expect(204);
    await set(203).expect(429);
    const { rows } = await limited.database.query('SELECT avatar_changes FROM profiles WHERE id = $1', [userId]);
    assert.equal(rows[0].avatar_changes.length, 2);
  });

  test('of changes at once no more take effect than an hour allows', async () => {
    const person = as(limited, randomUUID());
    const responses = await Promise.all(
      Array.from({ length: 6 }, (_, n) =>
        person
          .put(PATH)
          .type('image/png')
          .send(pngOf(300 + n)),
      ),
    );
    assert.deepEqual(responses.map(({ status }) => status).sort(), [204, 204, 429, 429, 429, 429]);
  });

  test('replacing username and bio leaves the avatar', async () => {
    const userId = randomUUID();
    const person = as(profile, userId);
    await person.put(PATH).type('image/webp').send(WEBP).expect(204);
    const created = await person.post('/api/profile/').send({ username: 'pictured' }).expect(201);
    assert.equal(created.body.avatar_url, `/api/profile/avatar/${userId}`);
    const replaced = await person.put('/api/profile/').send({ username: 'pictured_too' }).expect(200);
    assert.equal(replaced.body.avatar_url, `/api/profile/avatar/${userId}`);
  });
});
