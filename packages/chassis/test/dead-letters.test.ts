import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { waitFor } from '@wave-connect/dev-env/waiting';
import type pg from 'pg';
import { discard, replay, type Selection, select } from '../src/dead-letters/operations.ts';
import { createDeadLetters, type DeadLetters, deadLetterGauge, type Failure } from '../src/events/dead-letters.ts';
import type { Event, EventHandler } from '../src/events/event.ts';
import { Metrics } from '../src/observability/metrics.ts';
import { anEvent, freshStore, silent } from './support.ts';

const DEADLINE = { deadlineMs: 20_000 };
const FAILURE: Failure = { group: 'feed', error: 'Error: not today', attempts: 5 };
const TOPIC = 'profile-updates';

let pool: pg.Pool;
let deadLetters: DeadLetters;

before(async () => {
  pool = await freshStore();
  deadLetters = createDeadLetters(pool);
});
beforeEach(() => pool.query('TRUNCATE dead_letters, processed_events'));
after(() => pool.end());

const selected = (over: Partial<Selection> = {}, limit = 1_000) =>
  select(pool, { groups: [], topics: [], ids: [], ...over }, limit);
const idsOf = (list: { id: string }[]) => list.map(({ id }) => id);
const ids = async (over: Partial<Selection> = {}) => idsOf(await selected(over));

/** Events of one key that the group has given up. */
async function givenUp(count: number, over: Partial<Failure> = {}): Promise<[Event, ...Event[]]> {
  const events = Array.from({ length: count }, () => anEvent(TOPIC, { key: 'one' }));
  for (const event of events) await deadLetters.put(event, { ...FAILURE, ...over });
  return events as [Event, ...Event[]];
}

/** Requests the replay, and has the service look for such requests until all are settled. */
async function replayed(over: Partial<Selection>, handle: EventHandler, replicas = 1) {
  const asked = replay(pool, await selected(over));
  let settled = false;
  const looking = Array.from({ length: replicas }, async () => {
    while (!settled) await deadLetters.replay('feed', handle);
  });
  const outcomes = await asked;
  settled = true;
  await Promise.all(looking);
  return outcomes.map(({ outcome }) => outcome);
}

test('each is stored with all that was said', async () => {
  const event = anEvent(TOPIC, { requestId: 'request-1', data: { text: 'grüße 🌊', none: null } });
  await deadLetters.put(event, FAILURE);
  const [letter] = await selected();
  assert.ok(letter);
  const { position, firstFailedAt, lastFailedAt, ...said } = letter;
  assert.ok(Math.abs(Date.now() - firstFailedAt.getTime()) < 60_000);
  assert.deepEqual(lastFailedAt, firstFailedAt);
  assert.match(position, /^\d+$/);
  assert.deepEqual(said, {
    ...FAILURE,
    topic: TOPIC,
    id: event.id,
    key: event.key,
    value: JSON.stringify(event.data),
    headers: {
      'content-type': 'application/json',
      ce_specversion: '1.0',
      ce_id: event.id,
      ce_type: TOPIC,
      ce_source: '/test',
      ce_time: event.time,
      ce_sequence: event.sequence,
      ce_requestid: 'request-1',
    },
    place: null,
    replayRequested: false,
  });
});

test('an event that fails again is one letter, with all its attempts and the last error', async () => {
  const [event] = await givenUp(2);
  await deadLetters.put(event, { ...FAILURE, error: 'Error: nor now' });
  const letters = await selected();
  assert.deepEqual(
    letters.map(({ attempts, error }) => [attempts, error]),
    [
      [10, 'Error: nor now'],
      [5, 'Error: not today'],
    ],
  );
});

test('an error and a value that Postgres has no characters for are stored', async () => {
  await deadLetters.put(anEvent(TOPIC, { id: 'a\0b', key: 'k\0' }), { ...FAILURE, error: `\0${'x'.repeat(5_000)}` });
  const [letter] = await selected();
  assert.deepEqual([letter?.id, letter?.key, letter?.error.length], ['a\ufffdb', 'k\ufffd', 2_000]);
});

test('replayed, the events come again as they were, in their order, and the letters are gone', async () => {
  const events = await givenUp(3);
  const seen: Event[] = [];
  assert.deepEqual(await replayed({}, async (event) => void seen.push(event)), ['replayed', 'replayed', 'replayed']);
  assert.deepEqual(seen, events);
  assert.deepEqual(await ids(), []);
});

test('two replicas replay each letter once', async () => {
  const events = await givenUp(20);
  const seen: string[] = [];
  const handle = async ({ id }: Event) => {
    await new Promise((resolve) => setTimeout(resolve, 5));
    seen.push(id);
  };
  await replayed({}, handle, 2);
  assert.deepEqual(seen, idsOf(events));
});

test('a replay goes to the group that gave the event up, and leaves the letters of the others', async () => {
  const [event] = await givenUp(1);
  await deadLetters.put(event, { ...FAILURE, group: 'chat' });
  const seen: string[] = [];
  assert.deepEqual(await replayed({ groups: ['feed'] }, async ({ id }) => void seen.push(id)), ['replayed']);
  assert.deepEqual(seen, [event.id]);
  assert.deepEqual(
    (await selected()).map(({ group }) => group),
    ['chat'],
  );
});

test('what fails again is a dead letter again, and does not hold up the next one', async () => {
  const [first, second] = await givenUp(2);
  const handle = async (event: Event) => {
    if (event.id === first.id) await deadLetters.put(event, FAILURE);
  };
  assert.deepEqual(await replayed({}, handle), ['failed', 'replayed']);
  assert.deepEqual(
    (await selected()).map(({ id, attempts, replayRequested }) => [id, attempts, replayRequested]),
    [[first.id, 10, false]],
  );
  assert.ok(second);
});

test('a process that ends before a letter is gone leaves it to the next one', async () => {
  const events = await givenUp(2);
  const asked = replay(pool, await selected());
  const seen: string[] = [];
  const isRequested = async () => (await selected()).some(({ replayRequested }) => replayRequested);
  await waitFor('the request', isRequested, DEADLINE);
  const cutShort = deadLetters.replay('feed', () => Promise.reject(new Error('the process is gone')));
  await assert.rejects(cutShort, /the process is gone/);
  // The server may hold the lock of the broken connection for a moment.
  const nextProcess = async () => {
    await deadLetters.replay('feed', async ({ id }) => void seen.push(id));
    return (await ids()).length === 0;
  };
  await waitFor('the next process', nextProcess, DEADLINE);
  assert.deepEqual(
    (await asked).map(({ outcome }) => outcome),
    ['replayed', 'replayed'],
  );
  assert.deepEqual(seen, idsOf(events));
});

test('one out of the middle leaves the others; a limit takes the oldest', async () => {
  const [one, two, three, four] = (await givenUp(4)) as [Event, Event, Event, Event];
  await replayed({ ids: [three.id] }, async () => {});
  assert.deepEqual(await ids(), [one.id, two.id, four.id]);
  await discard(pool, await selected({ ids: [one.id] }));
  assert.deepEqual(await ids(), [two.id, four.id]);
  assert.deepEqual(idsOf(await selected({}, 1)), [two.id]);
});

test('a discarded event counts as handled, so that a copy of it has no effect either', async () => {
  const [event] = await givenUp(1);
  const [foreign, replicas] = [anEvent(TOPIC, { id: 'no uuid' }), anEvent(TOPIC)];
  await deadLetters.put(foreign, FAILURE);
  await deadLetters.put(replicas, { ...FAILURE, group: 'feed, this replica' });
  await discard(pool, await selected());
  assert.deepEqual(await ids(), []);
  const { rows } = await pool.query('SELECT event_id FROM processed_events');
  assert.deepEqual(rows, [{ event_id: event.id }]);
});

test('the gauge counts them by group and topic, and is 0 before the first', async () => {
  const metrics = new Metrics('test');
  const known = [
    { group: 'feed', topic: TOPIC },
    { group: 'feed', topic: 'user-deleted' },
  ];
  await givenUp(2);
  const gauge = deadLetterGauge(pool, known, { log: silent, metrics });
  const value = async (topic: string) => {
    const text = await metrics.registry.metrics();
    return new RegExp(`^events_dead_letters\\{group="feed",topic="${topic}"[^}]*\\} (\\S+)$`, 'm').exec(text)?.[1];
  };
  gauge.start?.();
  assert.deepEqual([await value(TOPIC), await value('user-deleted')], ['0', '0']);
  await waitFor('the count', async () => (await value(TOPIC)) === '2', DEADLINE);
  assert.equal(await value('user-deleted'), '0');
  gauge.stop?.(0);
});
