import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { TestService } from '@wave-connect/dev-env/testing';
import { type Agent, as, comment, publish, startFeed } from './support.ts';

type Item = { id: string };
type Page = { body: { items: Item[]; next_cursor: string | null } };

describe('pages', () => {
  const authorId = randomUUID();
  let feed: TestService;
  let author: Agent;

  before(async () => {
    feed = await startFeed();
    author = as(feed, authorId);
  });
  after(() => feed.stop());

  /** Reads a list to its end; `between` runs after each page. */
  async function readAll(path: string, limit: number, between: () => Promise<unknown> = async () => {}) {
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { body }: Page = await author
        .get(path)
        .query({ limit, ...(cursor && { cursor }) })
        .expect(200);
      assert.ok(body.items.length <= limit);
      ids.push(...body.items.map(({ id }) => id));
      cursor = body.next_cursor;
      await between();
    }
    return ids;
  }

  /** Rows whose ids differ in their last bits alone, as of one millisecond. */
  async function insertTies(count: number, insert: (id: string) => Promise<unknown>): Promise<string[]> {
    const ids = Array.from({ length: count }, (_, n) => `019cf082-5878-7c4b-99b4-${String(n).padStart(12, '0')}`);
    for (const id of ids.toSorted(() => Math.random() - 0.5)) await insert(id);
    return ids;
  }

  test('a page holds 20 items where nothing is said', async () => {
    const person = as(feed, randomUUID());
    for (let n = 0; n < 21; n += 1) await publish(person);
    const { body } = await person.get('/api/feed/').expect(200);
    assert.equal(body.items.length, 20);
    assert.equal(typeof body.next_cursor, 'string');
  });

  test('a last page that is full has no next one', async () => {
    const person = randomUUID();
    const ids = [await publish(as(feed, person)), await publish(as(feed, person))];
    const { body } = await author.get(`/api/feed/user/${person}?limit=2`).expect(200);
    assert.deepEqual(
      body.items.map(({ id }: Item) => id),
      ids.reverse(),
    );
    assert.equal(body.next_cursor, null);
  });

  test('items of one millisecond are neither lost nor shown twice', async () => {
    const ids = await insertTies(25, (id) =>
      feed.database.query("INSERT INTO publications (id, text, user_id) VALUES ($1, 'tie', $2)", [id, authorId]),
    );
    assert.deepEqual(await readAll(`/api/feed/user/${authorId}`, 7), ids.toReversed());

    const commented = await publish(author);
    const comments = await insertTies(25, (id) =>
      feed.database.query("INSERT INTO comments (id, pub_id, text, user_id) VALUES ($1, $2, 'tie', $3)", [
        id,
        commented,
        authorId,
      ]),
    );
    assert.deepEqual(await readAll(`/api/feed/${commented}/comment/`, 7), comments);
  });

  test('what is published while somebody reads on does not shift their pages', async () => {
    const person = randomUUID();
    const writer = as(feed, person);
    const ids: string[] = [];
    for (let n = 0; n < 12; n += 1) ids.push(await publish(writer));
    const read = await readAll(`/api/feed/user/${person}`, 5, () => publish(writer));
    assert.deepEqual(read, ids.reverse());
  });

  test('what is deleted while somebody reads on does not shift their pages', async () => {
    const person = randomUUID();
    const writer = as(feed, person);
    const ids: string[] = [];
    for (let n = 0; n < 9; n += 1) ids.unshift(await publish(writer));
    const path = `/api/feed/user/${person}`;
    const first = await author.get(path).query({ limit: 3 }).expect(200);
    await writer.delete(`/api/feed/${ids[2]}`).expect(204);
    const second = await author.get(path).query({ limit: 3, cursor: first.body.next_cursor }).expect(200);
    assert.deepEqual(
      second.body.items.map(({ id }: Item) => id),
      ids.slice(3, 6),
    );
  });

  test('comments written while somebody reads on come at the end', async () => {
    const pubId = await publish(author);
    const ids: string[] = [];
    for (let n = 0; n < 4; n += 1) ids.push(await comment(author, pubId));
    const between = async () => ids.length < 6 && ids.push(await comment(author, pubId));
    const read = await readAll(`/api/feed/${pubId}/comment/`, 2, between);
    assert.deepEqual(read, ids);
  });

  test('everything that is published at once is in the list, in the order of its time', async () => {
    const person = randomUUID();
    const published = await Promise.all(Array.from({ length: 30 }, () => publish(as(feed, person))));
    const read = await readAll(`/api/feed/user/${person}`, 100);
    assert.deepEqual(read.toSorted(), published.toSorted());
    assert.deepEqual(read, read.toSorted().reverse());
  });
});
