import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { queryPlans } from '@wave-connect/dev-env/postgres';
import type { TestService } from '@wave-connect/dev-env/testing';
import { createStore, type Store } from '../src/repository/store.ts';
import { startFeed } from './support.ts';

const PUBLICATIONS = 100_000;
const TAKE = 21;

describe('with a hundred thousand publications, comments and authors', () => {
  let feed: TestService;
  let ids: { pubId: string; commentId: string; userId: string };

  before(async () => {
    feed = await startFeed();
    await feed.database.query(`
      INSERT INTO authors (user_id, username, version)
        SELECT uuidv7(), 'author_' || n, n FROM generate_series(1, ${PUBLICATIONS}) AS n`);
    await feed.database.query(`
      INSERT INTO publications (text, user_id)
        SELECT 'text', user_id FROM generate_series(1, ${PUBLICATIONS}) AS n JOIN authors ON version = n % 1000 + 1`);
    await feed.database.query(`
      INSERT INTO comments (text, pub_id, user_id)
        SELECT 'text', pub_id, user_id
        FROM (SELECT id AS pub_id, row_number() OVER () AS n
              FROM (SELECT id FROM publications ORDER BY id LIMIT 1000), generate_series(1, 100))
        JOIN authors ON version = n % 997 + 1`);
    await feed.database.query('UPDATE publications SET comment_count = 100 WHERE id IN (SELECT pub_id FROM comments)');
    await feed.database.query('ANALYZE');
    const { rows } = await feed.database.query(
      'SELECT id AS "commentId", pub_id AS "pubId", user_id AS "userId" FROM comments OFFSET 50000 LIMIT 1',
    );
    ids = rows[0];
  });
  after(() => feed.stop());

  const QUERIES: Record<string, (store: Store) => Promise<unknown>> = {
    'the first page of all publications': ({ lists }) => lists.all(undefined, TAKE),
    'a later page of all publications': ({ lists }) => lists.all(ids.pubId, TAKE),
    "the first page of one person's publications": ({ lists }) => lists.of(ids.userId, undefined, TAKE),
    "a later page of one person's publications": ({ lists }) => lists.of(ids.userId, ids.pubId, TAKE),
    'the first page of comments': ({ comments }) => comments.listOn(ids.pubId, undefined, TAKE),
    'a later page of comments': ({ comments }) => comments.listOn(ids.pubId, ids.commentId, TAKE),
    'the authors of a page': ({ authors }) =>
      authors.find([ids.userId, ...Array.from({ length: 99 }, () => randomUUID())]),
    'one publication': ({ publications }) => publications.find(ids.pubId),
    'what a person leaves in few rows': ({ people }) => people.forget(ids.userId),
    'a batch of an erasure': ({ people }) => people.eraseBatch(ids.userId, 10),
  };

  for (const [what, read] of Object.entries(QUERIES)) {
    test(`${what} comes from an index`, async () => {
      const plans = await queryPlans(feed.databaseUrl, (pool) => read(createStore(pool)));
      assert.ok(plans.length > 0);
      for (const plan of plans) assert.doesNotMatch(plan, /Seq Scan on (?!erasures)/);
    });
  }

  test('lists are read in the order of the index, without sorting', async () => {
    const plans = await queryPlans(feed.databaseUrl, async (pool) => {
      const { lists, comments } = createStore(pool);
      await lists.all(ids.pubId, TAKE);
      await lists.of(ids.userId, ids.pubId, TAKE);
      await comments.listOn(ids.pubId, ids.commentId, TAKE);
    });
    assert.equal(plans.length, 3);
    for (const plan of plans) assert.doesNotMatch(plan, /Sort/);
  });
});
