import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, describe, test } from 'node:test';
import type { TestService } from '@wave-connect/dev-env/testing';
import { type ProfileStandIn, startProfileStandIn } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { type Agent, as, startFeed } from './support.ts';

const SOON = { deadlineMs: 20_000 };
/** Long, where a test holds a response back on a machine that may be busy. */
const PATIENT_MS = 5_000;

describe('authors whom no event has told of', () => {
  let profile: ProfileStandIn;
  let feed: TestService;
  let reader: Agent;

  before(async () => {
    profile = await startProfileStandIn();
    feed = await startFeed({ PROFILE_GRPC_TARGET: profile.target, PROFILE_GRPC_DEADLINE_MS: String(PATIENT_MS) });
    reader = as(feed, randomUUID());
  });
  after(async () => {
    await feed.stop();
    profile.stop();
  });
  afterEach(() => {
    profile.calls.length = 0;
  });

  /** Publications of so many people, past the API, whose responses would ask for their authors already. */
  async function publications(count: number): Promise<string[]> {
    const people = Array.from({ length: count }, () => randomUUID());
    await feed.database.query("INSERT INTO publications (text, user_id) SELECT 'text', unnest($1::uuid[])", [people]);
    return people;
  }

  const know = (id: string, username: string, version = 5) =>
    profile.profiles.set(id, { id, username, avatarUrl: `/api/profile/avatar/${id}`, version });

  async function usernames(limit: number): Promise<(string | undefined)[]> {
    const { body } = await reader.get(`/api/feed/?limit=${limit}`).expect(200);
    return body.items.map(({ author }: { author: { username: string } | null }) => author?.username);
  }

  const stored = async (userId: string) =>
    (await feed.database.query('SELECT username, version FROM authors WHERE user_id = $1', [userId])).rows[0];
  const untilStored = (userId: string) =>
    waitFor('the author to be stored', async () => (await stored(userId)) !== undefined, SOON);

  const profileUpdate = (userId: string, username: string, sequence: string) =>
    feed.deliver({
      type: 'profile-updates',
      key: userId,
      data: { user_id: userId, username, bio: '', avatar: null },
      sequence,
    });

  /** Reads a page of two, and does `work` after profile has been asked and before it responds. */
  async function whileAsked(work: () => Promise<unknown>): Promise<void> {
    const release = profile.hold();
    const page = usernames(2);
    await waitFor('the call', () => profile.calls.length > 0, SOON);
    await work();
    release();
    await page;
  }

  test('a page of a hundred publications by a hundred of them makes exactly one call', async () => {
    const people = await publications(100);
    for (const [n, id] of people.entries()) know(id, `writer_${n}`);
    const expected = people.map((_, n) => `writer_${n}`).toSorted();
    assert.deepEqual((await usernames(100)).toSorted(), expected);
    assert.equal(profile.calls.length, 1);
    assert.deepEqual(profile.calls[0]?.ids.toSorted(), people.toSorted());

    for (const id of people) await untilStored(id);
    assert.deepEqual((await usernames(100)).toSorted(), expected);
    assert.equal(profile.calls.length, 1, 'stored, so not asked for again');
  });

  test('the call carries the id of the request', async () => {
    await publications(1);
    await reader.get('/api/feed/?limit=1').set('X-Request-Id', 'page-1').expect(200);
    assert.equal(profile.calls[0]?.requestId, 'page-1');
  });

  test('only those missing are asked for, each once', async () => {
    const [known = '', unknown = ''] = await publications(2);
    await profileUpdate(known, 'by_event', '1');
    know(unknown, 'by_call');
    await feed.database.query("INSERT INTO publications (text, user_id) VALUES ('again', $1)", [unknown]);
    assert.deepEqual((await usernames(3)).toSorted(), ['by_call', 'by_call', 'by_event']);
    assert.deepEqual(
      profile.calls.map(({ ids }) => ids),
      [[unknown]],
    );
  });

  test('pages that want the same people at the same time share one call', async () => {
    const people = await publications(2);
    for (const id of people) know(id, `shared_${id.slice(0, 8)}`);
    const release = profile.hold();
    // By one person each, so that no other sharing of reads stands in between.
    const pages = [people[0], people[1], people[0], people[1]].map((id) => reader.get(`/api/feed/user/${id}`));
    const responses = Promise.all(pages.map((page) => page.expect(200)));
    await waitFor('the calls', () => profile.calls.length >= 2, SOON);
    release();
    for (const { body } of await responses) assert.match(body.items[0].author.username, /^shared_/);
    assert.deepEqual(profile.calls.flatMap(({ ids }) => ids).toSorted(), people.toSorted());
  });

  test('whom the profile service does not know is not asked for on every page', async () => {
    const [stranger] = await publications(1);
    assert.deepEqual(await usernames(1), [undefined]);
    assert.deepEqual(await usernames(1), [undefined]);
    assert.deepEqual(
      profile.calls.map(({ ids }) => ids),
      [[stranger]],
    );
  });

  test('an event that is newer than the response wins, whichever comes first', async () => {
    const [early = '', late = ''] = await publications(2);
    know(early, 'from_call', 5);
    know(late, 'from_call', 5);
    await whileAsked(() => profileUpdate(early, 'from_newer_event', '6'));
    await untilStored(late);
    assert.equal((await stored(early)).username, 'from_newer_event');

    await profileUpdate(late, 'from_newer_event', '6');
    assert.equal((await stored(late)).username, 'from_newer_event');
  });

  test('a response that is newer than the event wins, whichever comes first', async () => {
    const [early = '', late = ''] = await publications(2);
    know(early, 'from_call', 5);
    know(late, 'from_call', 5);
    await whileAsked(() => profileUpdate(early, 'from_older_event', '4'));
    await waitFor('the response', async () => (await stored(early)).username === 'from_call', SOON);
    await profileUpdate(late, 'from_older_event', '4');
    assert.equal((await stored(late)).username, 'from_call');
  });

  test('an account that is deleted meanwhile does not come back', async () => {
    const [gone = '', here = ''] = await publications(2);
    know(gone, 'gone');
    know(here, 'here');
    await whileAsked(() => feed.deliver({ type: 'user-deleted', key: gone, data: { user_id: gone } }));
    await untilStored(here);
    assert.equal(await stored(gone), undefined);
  });
});

describe('while the profile service is away', () => {
  let profile: ProfileStandIn;
  let feed: TestService;
  let reader: Agent;

  before(async () => {
    profile = await startProfileStandIn();
    feed = await startFeed({ PROFILE_GRPC_TARGET: profile.target });
    reader = as(feed, randomUUID());
  });
  after(async () => {
    await feed.stop();
    profile.stop();
  });

  const outcomes = async (outcome: string): Promise<number> => {
    const text = await (await fetch(`${feed.metricsUrl}/metrics`)).text();
    return Number(new RegExp(`profile_lookups_total\\{outcome="${outcome}".*\\} (\\d+)`).exec(text)?.[1] ?? 0);
  };

  async function publishAs(userId: string): Promise<void> {
    await feed.database.query("INSERT INTO publications (text, user_id) VALUES ('text', $1)", [userId]);
  }

  async function newest(): Promise<{ username: string } | null> {
    const { body } = await reader.get('/api/feed/?limit=1').expect(200);
    return body.items[0].author;
  }

  test('pages are served without them, soon without asking; once it is back they appear', async () => {
    const userId = randomUUID();
    await publishAs(userId);
    profile.stop();
    await waitFor(
      'the circuit to open',
      async () => (await newest()) === null && (await outcomes('not_asked')) > 0,
      SOON,
    );
    const failed = await outcomes('failed');
    assert.equal(await newest(), null);
    assert.equal(await outcomes('failed'), failed);

    profile.profiles.set(userId, { id: userId, username: 'back', version: 1 });
    await profile.start();
    await waitFor('the author', async () => (await newest())?.username === 'back', SOON);
  });

  test('one that is there and silent costs a page no more than the deadline, and at last nothing', async () => {
    const userId = randomUUID();
    await publishAs(userId);
    const asked = profile.calls.length;
    const release = profile.hold();
    assert.equal(await newest(), null);
    assert.equal(profile.calls.length, asked + 1);
    await waitFor(
      'the circuit to open',
      async () => (await newest()) === null && (await outcomes('not_asked')) > 1,
      SOON,
    );
    release();
  });
});
