import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { TestService } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { type Agent, as, comment, commentCount, publish, startFeed } from './support.ts';

const DEADLINE = { deadlineMs: 60_000 };
const MANY = 150;

describe('an erasure that takes many batches', () => {
  let feed: TestService;
  let friendId: string;
  let friend: Agent;

  before(async () => {
    feed = await startFeed({ ERASURE_BATCH_ROWS: '1' });
    friendId = randomUUID();
    friend = as(feed, friendId);
  });
  after(() => feed.stop());

  const deleteAccount = (userId: string) =>
    feed.deliver({ type: 'user-deleted', key: userId, data: { user_id: userId } });
  const isErasing = async (userId: string) =>
    (await feed.database.query('SELECT 1 FROM erasures WHERE user_id = $1', [userId])).rowCount === 1;
  const erased = (userId: string) => waitFor('the erasure', async () => !(await isErasing(userId)), DEADLINE);

  async function rowsOf(userId: string): Promise<number> {
    const { rows } = await feed.database.query(
      `SELECT (SELECT count(*)::int FROM publications WHERE user_id = $1)
            + (SELECT count(*)::int FROM comments WHERE user_id = $1) AS count`,
      [userId],
    );
    return rows[0].count;
  }

  /** Comments of one person below one publication, with their count. */
  async function commentOften(userId: string, pubId: string, times: number): Promise<void> {
    await feed.database.query(
      `WITH made AS (INSERT INTO comments (pub_id, text, user_id) SELECT $1, 'again', $2 FROM generate_series(1, $3))
       UPDATE publications SET comment_count = comment_count + $3 WHERE id = $1`,
      [pubId, userId, times],
    );
  }

  /** A person with many rows who has just been deleted, and is still being erased. */
  async function startErasure(pubId: string): Promise<{ userId: string; theirs: string }> {
    const userId = randomUUID();
    const theirs = await publish(as(feed, userId));
    await commentOften(userId, pubId, MANY);
    await comment(friend, theirs);
    await deleteAccount(userId);
    assert.ok(await isErasing(userId));
    return { userId, theirs };
  }

  test('hides all of it at once, and refuses what the person still writes', async () => {
    const ours = await publish(friend);
    const kept = await comment(friend, ours);
    const { userId, theirs } = await startErasure(ours);
    const idsAt = async (path: string): Promise<string[]> =>
      (await friend.get(path).expect(200)).body.items.map(({ id }: { id: string }) => id);

    assert.ok(!(await idsAt('/api/feed/?limit=100')).includes(theirs));
    assert.deepEqual(await idsAt(`/api/feed/user/${userId}`), []);
    assert.deepEqual(await idsAt(`/api/feed/${ours}/comment/`), [kept]);
    await friend.get(`/api/feed/${theirs}`).expect(404);
    await friend.get(`/api/feed/${theirs}/comment/`).expect(404);
    await friend.post(`/api/feed/${theirs}/comment/`).send({ text: 'too late' }).expect(404);
    await as(feed, userId).post('/api/feed/').send({ text: 'boo' }).expect(401);
    assert.equal(await commentCount(friend, ours), 1);
    const { body } = await friend.get(`/api/feed/user/${friendId}?limit=1`).expect(200);
    assert.deepEqual([body.items[0].id, body.items[0].comment_count], [ours, 1]);
    const { body: edited } = await friend.put(`/api/feed/${ours}`).send({ text: 'edited' }).expect(200);
    assert.equal(edited.comment_count, 1);
    assert.ok(await isErasing(userId), 'all of it was seen while rows were left');

    await erased(userId);
    assert.equal(await rowsOf(userId), 0);
    assert.equal(await commentCount(friend, ours), 1);
  });

  test('delays no other deletion', async () => {
    const ours = await publish(friend);
    const { userId } = await startErasure(ours);
    const other = randomUUID();
    await comment(as(feed, other), ours);
    await deleteAccount(other);
    await erased(other);
    assert.equal(await rowsOf(other), 0);
    assert.ok(await isErasing(userId));
    await erased(userId);
  });

  test('goes on where its connections break in the middle', async () => {
    const ours = await publish(friend);
    const { userId } = await startErasure(ours);
    const progress = async () => {
      const { rows } = await feed.database.query('SELECT rows_erased FROM erasures WHERE user_id = $1', [userId]);
      return Number(rows[0]?.rows_erased ?? 0);
    };
    for (let breaks = 0; breaks < 3; breaks += 1) {
      const before = await progress();
      await waitFor('a batch', async () => (await progress()) > before, DEADLINE);
      await feed.database.query(
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
      );
    }
    await erased(userId);
    assert.equal(await rowsOf(userId), 0);
    assert.equal(await commentCount(friend, ours), 0);
  });

  test('that fails is tried again, and delays no other', async () => {
    const [stuck, other] = [randomUUID(), randomUUID()];
    const ours = await publish(friend);
    for (const userId of [stuck, other]) await comment(as(feed, userId), ours);
    await feed.database.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
      CREATE TRIGGER refuse BEFORE DELETE ON comments FOR EACH ROW WHEN (OLD.user_id = '${stuck}') EXECUTE FUNCTION refuse()`);
    await deleteAccount(stuck);
    await deleteAccount(other);
    await erased(other);
    assert.ok(await isErasing(stuck));
    await feed.database.query('DROP TRIGGER refuse ON comments');
    await erased(stuck);
    assert.equal(await rowsOf(stuck), 0);
  });

  test('shows in metrics', async () => {
    const metric = async (name: string) => {
      const text = await (await fetch(`${feed.metricsUrl}/metrics`)).text();
      return Number(new RegExp(`^${name}{.*} (.*)$`, 'm').exec(text)?.[1]);
    };
    const before = await metric('erased_rows_total');
    const { userId } = await startErasure(await publish(friend));
    await waitFor('the gauge', async () => (await metric('erasures_pending')) === 1, DEADLINE);
    await erased(userId);
    await waitFor('the gauge', async () => (await metric('erasures_pending')) === 0, DEADLINE);
    assert.equal((await metric('erased_rows_total')) - before, MANY + 2);
  });
});
