import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import type { TestService } from '@wave-connect/dev-env/testing';
import request from 'supertest';
import { type Agent, as, comment, commentCount, publish, startFeed } from './support.ts';

describe('comments', () => {
  const commenterId = randomUUID();
  let feed: TestService;
  let author: Agent;
  let commenter: Agent;
  let stranger: Agent;

  before(async () => {
    feed = await startFeed();
    author = as(feed, randomUUID());
    commenter = as(feed, commenterId);
    stranger = as(feed, randomUUID());
  });
  after(() => feed.stop());

  test('commenting returns 201 with the comment, and counts', async () => {
    const pubId = await publish(author);
    for (const [index, path] of [`/api/feed/${pubId}/comment/`, `/api/feed/${pubId}/comment`].entries()) {
      const { body } = await commenter.post(path).send({ text: 'well said' }).expect(201);
      assert.deepEqual(body, {
        id: body.id,
        pub_id: pubId,
        text: 'well said',
        user_id: commenterId,
        time_created: body.time_created,
        author: null,
      });
      assert.equal(await commentCount(author, pubId), index + 1);
    }
  });

  test('the comments of a publication are listed oldest first', async () => {
    const pubId = await publish(author);
    await comment(commenter, await publish(author));
    const ids = [await comment(commenter, pubId), await comment(author, pubId), await comment(commenter, pubId)];
    for (const path of [`/api/feed/${pubId}/comment/`, `/api/feed/${pubId}/comment`]) {
      const { body } = await stranger.get(path).expect(200);
      assert.deepEqual(
        body.items.map(({ id }: { id: string }) => id),
        ids,
      );
      assert.equal(body.next_cursor, null);
    }
  });

  test('the comments of an unknown publication are 404, to read and to write', async () => {
    const path = `/api/feed/${randomUUID()}/comment/`;
    await commenter.get(path).expect(404);
    await commenter.post(path).send({ text: 'anybody?' }).expect(404);
  });

  test('its author deletes a comment, which counts down', async () => {
    const pubId = await publish(author);
    for (const slash of ['', '/']) {
      const id = await comment(commenter, pubId);
      await commenter.delete(`/api/feed/comment/${id}${slash}`).expect(204, '');
      await commenter.delete(`/api/feed/comment/${id}`).expect(404);
      assert.equal(await commentCount(author, pubId), 0);
    }
  });

  test('the author of the publication deletes a comment below it', async () => {
    const id = await comment(commenter, await publish(author));
    await author.delete(`/api/feed/comment/${id}`).expect(204);
  });

  test('nobody else deletes it', async () => {
    const pubId = await publish(author);
    const id = await comment(commenter, pubId);
    await stranger.delete(`/api/feed/comment/${id}`).expect(403);
    assert.equal(await commentCount(author, pubId), 1);
  });

  test('the id of a publication is none of a comment', async () => {
    await author.delete(`/api/feed/comment/${await publish(author)}`).expect(404);
  });

  test('a request that names no caller is 401', async () => {
    const path = `/api/feed/${await publish(author)}/comment/`;
    await request(feed.url).get(path).expect(401);
    await request(feed.url).post(path).send({ text: 'x' }).expect(401);
    await request(feed.url).delete(`/api/feed/comment/${randomUUID()}`).expect(401);
  });

  test('twenty comments at once are all counted, and so are their deletions', async () => {
    const pubId = await publish(author);
    const ids = await Promise.all(Array.from({ length: 20 }, () => comment(commenter, pubId)));
    assert.equal(await commentCount(author, pubId), 20);

    const deletions = ids.flatMap((id) => [commenter, author].map((agent) => agent.delete(`/api/feed/comment/${id}`)));
    const statuses = (await Promise.all(deletions)).map(({ status }) => status);
    assert.equal(statuses.filter((status) => status === 204).length, 20);
    assert.equal(statuses.filter((status) => status === 404).length, 20);
    assert.equal(await commentCount(author, pubId), 0);
  });

  test('a publication that is deleted while people comment takes all comments with it', async () => {
    for (let round = 0; round < 5; round += 1) {
      const pubId = await publish(author);
      const comments = Array.from({ length: 10 }, () =>
        commenter.post(`/api/feed/${pubId}/comment/`).send({ text: 'quick' }),
      );
      const [deleted, ...commented] = await Promise.all([author.delete(`/api/feed/${pubId}`), ...comments]);
      assert.equal(deleted?.status, 204);
      for (const { status } of commented) assert.ok([201, 404].includes(status), `unexpected ${status}`);
      const { rows } = await feed.database.query('SELECT 1 FROM comments WHERE pub_id = $1', [pubId]);
      assert.equal(rows.length, 0);
    }
  });
});
