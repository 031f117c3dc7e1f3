import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { type Link, startLink, type TestService } from '@wave-connect/dev-env/testing';
import { type Agent, as, commentCount, publish, startFeed } from './support.ts';

const KEY = 'Idempotency-Key';
const REPLAYED = 'idempotency-replayed';

describe('a write with an Idempotency-Key', () => {
  let feed: TestService;
  let link: Link;
  let writer: Agent;
  let writerId: string;

  before(async () => {
    feed = await startFeed({}, async (url) => {
      link = await startLink(url);
      return link.url;
    });
    writerId = randomUUID();
    writer = as(feed, writerId);
  });
  after(async () => {
    await feed.stop();
    link.close();
  });

  const post = (agent: Agent, key: string, text: string) => agent.post('/api/feed/').set(KEY, key).send({ text });
  const count = async (text: string) =>
    (await feed.database.query('SELECT 1 FROM publications WHERE text = $1', [text])).rowCount;

  test('is done once; the same request gets the first response again, marked', async () => {
    const key = randomUUID();
    const first = await post(writer, key, 'once').expect(201);
    assert.equal(first.headers[REPLAYED], undefined);
    const second = await post(writer, key, 'once').expect(201);
    assert.deepEqual([second.text, second.headers[REPLAYED]], [first.text, 'true']);
    assert.equal(await count('once'), 1);
  });

  test('holds for comments, and their count', async () => {
    const [key, pubId] = [randomUUID(), await publish(writer)];
    const comment = () => writer.post(`/api/feed/${pubId}/comment/`).set(KEY, key).send({ text: 'well' }).expect(201);
    const first = await comment();
    assert.deepEqual((await comment()).body, first.body);
    assert.equal(await commentCount(writer, pubId), 1);
  });

  test('tells what has happened where the connection broke within COMMIT', async () => {
    const key = randomUUID();
    link.cutAfter('COMMIT');
    await post(writer, key, 'left open').expect(502);
    await post(writer, key, 'left open').expect(201).expect(REPLAYED, 'true');
    assert.equal(await count('left open'), 1);
  });

  test('is 422 with another body, or for another resource', async () => {
    const key = randomUUID();
    await post(writer, key, 'one').expect(201);
    const { body } = await post(writer, key, 'other').expect(422);
    assert.equal(body.type, '/problems/idempotency-key-reused');
    const pubId = await publish(writer);
    await writer.post(`/api/feed/${pubId}/comment/`).set(KEY, key).send({ text: 'one' }).expect(422);
    assert.equal(await count('other'), 0);
  });

  test('is 409 while a request with the key is in-flight', async () => {
    const [key, text] = [randomUUID(), 'at once'];
    const other = await feed.database.connect();
    await other.query('BEGIN; LOCK TABLE publications IN SHARE ROW EXCLUSIVE MODE');
    try {
      const responses = [post(writer, key, text), post(writer, key, text)].map((response) => response.then());
      const first = await Promise.race(responses);
      assert.deepEqual([first.status, first.body.type], [409, '/problems/conflict']);
      await other.query('COMMIT');
      const statuses = (await Promise.all(responses)).map(({ status }) => status);
      assert.deepEqual(statuses.toSorted(), [201, 409]);
    } finally {
      other.release(true);
    }
    assert.equal(await count(text), 1);
  });

  test('counts for its caller alone', async () => {
    const key = randomUUID();
    const [mine, theirs] = [await post(writer, key, 'ours'), await post(as(feed, randomUUID()), key, 'ours')];
    assert.deepEqual([mine.status, theirs.status], [201, 201]);
    assert.notEqual(mine.body.id, theirs.body.id);
  });

  test('that fails is not remembered', async () => {
    const [key, pubId] = [randomUUID(), '019cf082-5878-7c4b-99b4-1eaf0ed4b2b8'];
    const comment = () => writer.post(`/api/feed/${pubId}/comment/`).set(KEY, key).send({ text: 'early' });
    await comment().expect(404);
    await feed.database.query("INSERT INTO publications (id, text, user_id) VALUES ($1, 'late', $2)", [
      pubId,
      writerId,
    ]);
    await comment().expect(201);
  });

  test('is done again after 24 hours', async () => {
    const key = randomUUID();
    await post(writer, key, 'yesterday').expect(201);
    await feed.database.query("UPDATE idempotency_keys SET time_created = now() - interval '25 hours' WHERE key = $1", [
      key,
    ]);
    const { headers } = await post(writer, key, 'today').expect(201);
    assert.equal(headers[REPLAYED], undefined);
  });

  test('leaves no more than 1,000 rows of a caller, and none of a deleted one', async () => {
    const userId = randomUUID();
    const rows = async () =>
      (await feed.database.query('SELECT 1 FROM idempotency_keys WHERE user_id = $1', [userId])).rowCount;
    await feed.database.query(
      `INSERT INTO idempotency_keys (user_id, key, fingerprint, body, time_created)
       SELECT $1, n::text, '', '{}', now() - make_interval(secs => n) FROM generate_series(1, 1005) AS n`,
      [userId],
    );
    await post(as(feed, userId), randomUUID(), 'one more').expect(201);
    assert.equal(await rows(), 1_000);
    await feed.deliver({ type: 'user-deleted', key: userId, data: { user_id: userId } });
    assert.equal(await rows(), 0);
  });

  for (const key of ['', ' ', 'a key', 'ключ', 'k'.repeat(65)]) {
    test(`refuses ${JSON.stringify(key)}`, async () => {
      const { status } = await fetch(`${feed.url}/api/feed/`, {
        method: 'POST',
        headers: {
          'X-User-ID': writerId,
          'Content-Type': 'application/json',
          [KEY]: Buffer.from(key).toString('latin1'),
        },
        body: JSON.stringify({ text: 'refused' }),
      });
      assert.equal(status, 400);
    });
  }

  for (const key of ['!', '~'.repeat(64), '"8e03978e-40d5-43dd-bc93-6894a57f9324"']) {
    test(`takes ${key}`, async () => {
      await post(writer, key, 'taken').expect(201);
    });
  }
});
