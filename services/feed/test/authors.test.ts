import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { Event } from '@wave-connect/chassis/events';
import type { TestService } from '@wave-connect/dev-env/testing';
import { type Agent, as, comment, publish, startFeed } from './support.ts';

const ETAG = createHash('sha256').update('pixels').digest('base64url');

describe('bylines', () => {
  let feed: TestService;
  let reader: Agent;

  before(async () => {
    feed = await startFeed();
    reader = as(feed, randomUUID());
  });
  after(() => feed.stop());

  type Update = { username?: string | null; avatar_etag?: string | null };

  const profileUpdate = (userId: string, { username = 'ada', avatar_etag = null }: Update, over: Partial<Event> = {}) =>
    feed.deliver({
      type: 'profile-updates',
      key: userId,
      data: { user_id: userId, username, bio: '', avatar_etag },
      ...over,
    });

  async function bylineOf(pubId: string) {
    return (await reader.get(`/api/feed/${pubId}`).expect(200)).body.author;
  }

  test('an author is shown once their profile is completed, and no longer once it is cleared', async () => {
    const userId = randomUUID();
    const pubId = await publish(as(feed, userId));
    await profileUpdate(userId, { username: null, avatar_etag: ETAG });
    assert.equal(await bylineOf(pubId), null);

    await profileUpdate(userId, { username: 'Ada' });
    assert.deepEqual(await bylineOf(pubId), { username: 'Ada', avatar_url: null });

    await profileUpdate(userId, { username: 'Ada', avatar_etag: ETAG });
    assert.deepEqual(await bylineOf(pubId), { username: 'Ada', avatar_url: `/api/profile/avatar/${userId}` });

    await profileUpdate(userId, { username: null });
    assert.equal(await bylineOf(pubId), null);
  });

  test('each item of a page has its own author', async () => {
    const people = [randomUUID(), randomUUID(), randomUUID()];
    for (const [n, userId] of people.slice(0, 2).entries()) await profileUpdate(userId, { username: `writer_${n}` });
    const pubId = await publish(as(feed, people[0] ?? ''));
    for (const userId of people) {
      await publish(as(feed, userId));
      await comment(as(feed, userId), pubId);
    }

    const bylines = (items: { author: { username: string } | null }[]) => items.map((item) => item.author?.username);
    const comments = await reader.get(`/api/feed/${pubId}/comment/`).expect(200);
    assert.deepEqual(bylines(comments.body.items), ['writer_0', 'writer_1', undefined]);
    const page = await reader.get('/api/feed/?limit=3').expect(200);
    assert.deepEqual(bylines(page.body.items), [undefined, 'writer_1', 'writer_0']);
  });

  test('what is written by somebody known says so at once', async () => {
    const userId = randomUUID();
    await profileUpdate(userId, { username: 'known' });
    const writer = as(feed, userId);
    const { body } = await writer.post('/api/feed/').send({ text: 'hi' }).expect(201);
    assert.equal(body.author.username, 'known');
    const rewritten = await writer.put(`/api/feed/${body.id}`).send({ text: 'ho' }).expect(200);
    assert.equal(rewritten.body.author.username, 'known');
    const commented = await writer.post(`/api/feed/${body.id}/comment/`).send({ text: 'hm' }).expect(201);
    assert.equal(commented.body.author.username, 'known');
  });

  test('an event that is older than what is known changes nothing', async () => {
    const userId = randomUUID();
    const pubId = await publish(as(feed, userId));
    await profileUpdate(userId, { username: 'newer' }, { sequence: '10' });
    await profileUpdate(userId, { username: 'older' }, { sequence: '9' });
    assert.equal((await bylineOf(pubId)).username, 'newer');
    await profileUpdate(userId, { username: 'newest' }, { sequence: '11' });
    assert.equal((await bylineOf(pubId)).username, 'newest');
  });

  test('an event that comes twice takes effect once', async () => {
    const userId = randomUUID();
    const first = await profileUpdate(userId, { username: 'first' });
    const { rows } = await feed.database.query('SELECT xmin FROM authors WHERE user_id = $1', [userId]);
    await feed.deliver(first);
    const again = await feed.database.query('SELECT xmin FROM authors WHERE user_id = $1', [userId]);
    assert.deepEqual(again.rows, rows);
  });

  // During an upgrade, and from events that are older than it.
  for (const [what, avatar, hasAvatar] of [
    ['the bytes of the largest avatar', Buffer.alloc(512 * 1024, 1).toString('base64'), true],
    ['no avatar', null, false],
  ] as const) {
    test(`an event of the version before, with ${what}, is understood`, async () => {
      const userId = randomUUID();
      const pubId = await publish(as(feed, userId));
      const data = { user_id: userId, username: 'ada', bio: '', avatar };
      await feed.deliver({ type: 'profile-updates', key: userId, data });
      const url = hasAvatar ? `/api/profile/avatar/${userId}` : null;
      assert.deepEqual(await bylineOf(pubId), { username: 'ada', avatar_url: url });
    });
  }

  test('an event that says nothing of the avatar is put aside', async () => {
    const userId = randomUUID();
    const pubId = await publish(as(feed, userId));
    await feed.deliver({ type: 'profile-updates', key: userId, data: { user_id: userId, username: 'ada', bio: '' } });
    await profileUpdate(userId, { username: 'sane' });
    assert.equal((await bylineOf(pubId)).username, 'sane');
    const { rows } = await feed.database.query('SELECT count(*)::int AS count FROM dead_letters WHERE key = $1', [
      userId,
    ]);
    assert.equal(rows[0].count, 1);
  });

  test('an event that makes no sense is put aside, and the next one takes effect', async () => {
    const userId = randomUUID();
    const pubId = await publish(as(feed, userId));
    await feed.deliver({ type: 'profile-updates', key: userId, data: { user_id: userId, username: 7 } });
    await profileUpdate(userId, { username: 'sane' });
    assert.equal((await bylineOf(pubId)).username, 'sane');
  });
});
