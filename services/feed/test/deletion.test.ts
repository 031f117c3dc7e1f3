import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { TestService } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { type Agent, as, comment, commentCount, publish, startFeed } from './support.ts';

const DEADLINE = { deadlineMs: 20_000 };

describe('the end of an account', () => {
  let feed: TestService;
  let friend: Agent;

  before(async () => {
    feed = await startFeed();
    friend = as(feed, randomUUID());
  });
  after(() => feed.stop());

  const userDeleted = (userId: string) => ({ type: 'user-deleted', key: userId, data: { user_id: userId } });
  const erased = () =>
    waitFor('the erasures', async () => (await feed.database.query('SELECT 1 FROM erasures')).rowCount === 0, DEADLINE);
  const profileUpdate = (userId: string) => ({
    type: 'profile-updates',
    key: userId,
    data: { user_id: userId, username: 'late', bio: '', avatar: null },
  });

  /** Once nothing is being erased. */
  async function rowsOf(userId: string): Promise<number> {
    await erased();
    const { rows } = await feed.database.query(
      `SELECT (SELECT count(*) FROM publications WHERE user_id = $1) + (SELECT count(*) FROM comments WHERE user_id = $1)
              + (SELECT count(*) FROM authors WHERE user_id = $1) AS count`,
      [userId],
    );
    return Number(rows[0].count);
  }

  for (const source of ['/profile', '/chat', '', '/auth/../profile']) {
    test(`announced by ${source || 'an unknown source'} instead of auth it changes nothing`, async () => {
      const userId = randomUUID();
      const pubId = await publish(as(feed, userId));
      await feed.deliver({ ...userDeleted(userId), source });
      await friend.get(`/api/feed/${pubId}`).expect(200);
      const { rows } = await feed.database.query('SELECT error, attempts FROM dead_letters WHERE key = $1', [userId]);
      assert.match(rows[0].error, /^ForeignEventError: .*not from auth/);
      assert.equal(rows[0].attempts, 1);
    });
  }

  test('their dead letters go, those that name them as well, and those of others stay', async () => {
    const userId = randomUUID();
    const other = randomUUID();
    const put = (key: string, value: object) =>
      feed.database.query(
        `INSERT INTO dead_letters (consumer_group, topic, event_id, key, value, headers, error, attempts)
         VALUES ('x', 'y', uuidv7(), $1, $2, '{}', 'Error', 5)`,
        [key, JSON.stringify(value)],
      );
    await put(userId, { user_id: userId, bio: 'private' });
    await put(other, { sender: other, receiver: userId, text: 'private' });
    await put(userId, {});
    await put(other, { user_id: other, bio: `not "${userId.slice(0, -1)}"` });
    await feed.deliver(userDeleted(userId));
    const { rows } = await feed.database.query('SELECT key FROM dead_letters WHERE key IN ($1, $2)', [userId, other]);
    assert.deepEqual(rows, [{ key: other }]);
  });

  test('everything of that person goes, what others wrote below it too, and counts stay right', async () => {
    const userId = randomUUID();
    const leaver = as(feed, userId);
    await feed.deliver(profileUpdate(userId));
    const theirs = await publish(leaver);
    const ours = await publish(friend);
    const ourComment = await comment(friend, theirs);
    for (const pubId of [theirs, ours, ours]) await comment(leaver, pubId);
    const kept = await comment(friend, ours);

    await feed.deliver(userDeleted(userId));

    assert.equal(await rowsOf(userId), 0);
    await friend.get(`/api/feed/${theirs}`).expect(404);
    await friend.delete(`/api/feed/comment/${ourComment}`).expect(404);
    assert.equal(await commentCount(friend, ours), 1);
    const { body } = await friend.get(`/api/feed/${ours}/comment/`).expect(200);
    assert.deepEqual(
      body.items.map(({ id }: { id: string }) => id),
      [kept],
    );
  });

  test('whatever the old identity writes afterwards is 401', async () => {
    const userId = randomUUID();
    const ghost = as(feed, userId);
    const pubId = await publish(friend);
    const commentId = await comment(friend, pubId);
    await feed.deliver(userDeleted(userId));

    const { body } = await ghost.post('/api/feed/').send({ text: 'boo' }).expect(401);
    assert.equal(body.type, '/problems/unauthenticated');
    await ghost.post(`/api/feed/${pubId}/comment/`).send({ text: 'boo' }).expect(401);
    await ghost.put(`/api/feed/${pubId}`).send({ text: 'boo' }).expect(401);
    await ghost.delete(`/api/feed/${randomUUID()}`).expect(401);
    await ghost.delete(`/api/feed/comment/${commentId}`).expect(401);
    assert.equal(await rowsOf(userId), 0);
    assert.equal(await commentCount(friend, pubId), 1);
  });

  test('a profile update that comes after the deletion brings nobody back', async () => {
    const userId = randomUUID();
    await feed.deliver(userDeleted(userId));
    await feed.deliver(profileUpdate(userId));
    assert.equal(await rowsOf(userId), 0);
  });

  test('a deletion that comes twice does no more than one', async () => {
    const userId = randomUUID();
    const ours = await publish(friend);
    await comment(friend, ours);
    await comment(as(feed, userId), ours);
    const event = await feed.deliver(userDeleted(userId));
    await feed.deliver(event);
    await feed.deliver(userDeleted(userId));
    assert.equal(await commentCount(friend, ours), 1);
  });

  test('what is written at the moment of the deletion is refused or goes too', async () => {
    const userId = randomUUID();
    const leaver = as(feed, userId);
    const ours = await publish(friend);
    const writes = Array.from({ length: 20 }, (_, n) =>
      leaver.post(n % 2 ? '/api/feed/' : `/api/feed/${ours}/comment/`).send({ text: 'quick' }),
    );
    const [responses] = await Promise.all([Promise.all(writes), feed.deliver(userDeleted(userId))]);
    for (const { status } of responses) assert.ok([201, 401].includes(status), `unexpected ${status}`);
    assert.equal(await rowsOf(userId), 0);
    assert.equal(await commentCount(friend, ours), 0);
  });

  test('people who commented on each other leave at once', async () => {
    const people = Array.from({ length: 6 }, () => randomUUID());
    const pubIds = await Promise.all(people.map((userId) => publish(as(feed, userId))));
    const ours = await publish(friend);
    for (const userId of people) {
      for (const pubId of [...pubIds, ours]) await comment(as(feed, userId), pubId);
    }
    await Promise.all(people.map((userId) => feed.deliver(userDeleted(userId))));
    for (const userId of people) assert.equal(await rowsOf(userId), 0);
    assert.equal(await commentCount(friend, ours), 0);
  });
});
