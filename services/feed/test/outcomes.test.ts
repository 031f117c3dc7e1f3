import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { type Link, startLink, type TestService } from '@wave-connect/dev-env/testing';
import { type Agent, as, comment, publish, startFeed } from './support.ts';

describe('the response to a write', () => {
  let feed: TestService;
  let author: Agent;

  before(async () => {
    feed = await startFeed();
    author = as(feed, randomUUID());
  });
  after(() => feed.stop());

  const textOf = async (table: string, text: string) =>
    (await feed.database.query(`SELECT text FROM ${table} WHERE text = $1`, [text])).rows.length;

  /** Does the work while no author can be read. */
  async function withoutAuthors(work: () => Promise<void>): Promise<void> {
    await feed.database.query('ALTER TABLE authors RENAME TO authors_away');
    try {
      await work();
    } finally {
      await feed.database.query('ALTER TABLE authors_away RENAME TO authors');
    }
  }

  test('is no error for a write that has happened, where its author cannot be read', async () => {
    const pubId = await publish(author, 'as it was');
    await withoutAuthors(async () => {
      await author.post('/api/feed/').send({ text: 'unread post' }).expect(500);
      await author.post(`/api/feed/${pubId}/comment/`).send({ text: 'unread comment' }).expect(500);
      await author.put(`/api/feed/${pubId}`).send({ text: 'unread edit' }).expect(500);
    });
    assert.equal(await textOf('publications', 'unread post'), 0);
    assert.equal(await textOf('comments', 'unread comment'), 0);
    assert.equal(await textOf('publications', 'as it was'), 1);
  });
});

describe('a connection to the database that breaks', () => {
  let feed: TestService;
  let author: Agent;
  let link: Link;

  before(async () => {
    feed = await startFeed({}, async (url) => {
      link = await startLink(url);
      return link.url;
    });
    author = as(feed, randomUUID());
    await publish(author);
  });
  after(async () => {
    await feed.stop();
    link.close();
  });

  const count = async (text: string) =>
    (await feed.database.query('SELECT 1 FROM publications WHERE text = $1', [text])).rows.length;

  test('within COMMIT leaves open what has happened: 502', async () => {
    link.cutAfter('COMMIT');
    const { body } = await author.post('/api/feed/').send({ text: 'committed' }).expect(502);
    assert.equal(body.type, '/problems/bad-gateway');
    assert.equal(await count('committed'), 1);
  });

  test('before COMMIT has left nothing: 503', async () => {
    link.cutAfter('INSERT INTO "public"."publications"');
    await author.post('/api/feed/').send({ text: 'not committed' }).expect(503);
    assert.equal(await count('not committed'), 0);
  });

  test('while reading is 503', async () => {
    const pubId = await publish(author);
    link.cutAfter('FROM comments');
    await author.get(`/api/feed/${pubId}/comment/`).expect(503);
    await comment(author, pubId);
  });
});
