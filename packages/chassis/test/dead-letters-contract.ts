import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { waitFor } from '@wave-connect/dev-env/waiting';
import type { Consumer, EventBus } from '../src/events/bus.ts';
import {
  type DeadLetterBox,
  discardDeadLetters,
  listDeadLetters,
  replayDeadLetters,
  type Selection,
} from '../src/events/dead-letters.ts';
import type { Event } from '../src/events/event.ts';
import { anEvent } from './support.ts';

const DEADLINE = { deadlineMs: 60_000 };
const REASON = { group: 'first', error: 'Error: not today', attempts: 5 };

/** The part of the bus's contract that is about dead letters; It needs a `describe` of its own, and a topic. */
export function deadLettersContract(
  topic: string,
  { newBus, newBox }: { newBus: () => Promise<EventBus>; newBox: () => DeadLetterBox },
): void {
  let bus: EventBus;
  let box: DeadLetterBox;
  let consumer: Consumer;
  let seen: Event[];

  const selection = (over: Partial<Selection> = {}): Selection => ({ topics: [topic], ids: [], limit: 1_000, ...over });
  const listed = async (over: Partial<Selection> = {}) => {
    const { letters, outstanding } = await listDeadLetters(box, selection(over));
    return { ids: letters.map(({ id }) => id), outstanding };
  };
  const giveUp = (event: Event, group = 'first') =>
    waitFor('the bus to take it', () => bus.publishDeadLetter(event, { ...REASON, group }).then(() => true), DEADLINE);
  const givenUp = async (count: number): Promise<[Event, ...Event[]]> => {
    const events = Array.from({ length: count }, () => anEvent(topic, { key: 'one' }));
    for (const event of events) await giveUp(event);
    return events as [Event, ...Event[]];
  };
  const idsOf = (events: Event[]) => events.map(({ id }) => id);
  /** What has been published before has been seen once this has. */
  const untilSeen = async () => {
    const last = anEvent(topic, { key: 'one' });
    await waitFor('the bus to take it', () => bus.publish([last]).then(() => true), DEADLINE);
    await waitFor('the last event', () => seen.some(({ id }) => id === last.id), DEADLINE);
    return seen.filter(({ id }) => id !== last.id);
  };

  beforeEach(async () => {
    bus = await newBus();
    box = newBox();
    seen = [];
    const handler = async (event: Event) => void seen.push(event);
    consumer = bus.subscribe({ topics: [topic], group: 'second', handler });
  });
  afterEach(async () => {
    await untilSeen();
    await consumer.stop();
    await discardDeadLetters(box, selection());
    await box.close();
  });

  test('none are listed where there are none, and acting on them does nothing', async () => {
    await waitFor('the queues', () => listed().then(() => true), DEADLINE);
    assert.deepEqual(await listed(), { ids: [], outstanding: 0 });
    assert.deepEqual(await replayDeadLetters(box, selection()), { letters: [], outstanding: 0 });
    assert.deepEqual(await discardDeadLetters(box, selection()), { letters: [], outstanding: 0 });
  });

  test('each is listed with all that was said, its data only when asked for', async () => {
    const event = anEvent(topic, { requestId: 'request-1', data: { text: 'grüße 🌊', none: null } });
    await giveUp(event);
    const letter = { topic, id: event.id, event: { ...event, deadLetter: REASON } };
    const { letters } = await listDeadLetters(box, selection({ withData: true }));
    assert.deepEqual(letters, [letter]);
    const without = await listDeadLetters(box, selection());
    assert.deepEqual(without.letters, [{ ...letter, event: { ...letter.event, data: undefined } }]);
  });

  test('replayed, the events come again as they were, in their order, and are outstanding no more', async () => {
    const events = await givenUp(3);
    const { letters, outstanding } = await replayDeadLetters(box, selection());
    assert.deepEqual([letters.map(({ id }) => id), outstanding], [idsOf(events), 0]);
    assert.deepEqual(await untilSeen(), events);
    assert.deepEqual(await listed(), { ids: [], outstanding: 0 });
  });

  test('a second replay publishes nothing', async () => {
    const events = await givenUp(1);
    await replayDeadLetters(box, selection());
    assert.deepEqual(await replayDeadLetters(box, selection()), { letters: [], outstanding: 0 });
    assert.deepEqual(await untilSeen(), events);
  });

  test('discarded, they are done and do not come', async () => {
    await givenUp(2);
    await discardDeadLetters(box, selection());
    assert.deepEqual(await listed(), { ids: [], outstanding: 0 });
    assert.deepEqual(await untilSeen(), []);
  });

  test('one out of the middle leaves the others, also for whoever comes next', async () => {
    const [one, two, three, four] = (await givenUp(4)) as [Event, Event, Event, Event];
    await replayDeadLetters(box, selection({ ids: [three.id] }));
    await box.close();
    box = newBox();
    assert.deepEqual(await listed(), { ids: [one.id, two.id, four.id], outstanding: 3 });
    await discardDeadLetters(box, selection({ ids: [one.id] }));
    assert.deepEqual((await listed()).ids, [two.id, four.id]);
    await replayDeadLetters(box, selection());
    assert.deepEqual(idsOf(await untilSeen()), [three.id, two.id, four.id]);
  });

  test('a limit takes the oldest, and the rest are counted', async () => {
    const events = await givenUp(5);
    assert.deepEqual(await listed({ limit: 2 }), { ids: idsOf(events.slice(0, 2)), outstanding: 5 });
    assert.equal((await replayDeadLetters(box, selection({ limit: 2 }))).outstanding, 3);
    assert.deepEqual((await listed()).ids, idsOf(events.slice(2)));
  });

  test('an event that two groups gave up is published once', async () => {
    const event = anEvent(topic, { key: 'one' });
    await giveUp(event, 'first');
    await giveUp(event, 'second');
    assert.equal((await replayDeadLetters(box, selection())).letters.length, 2);
    assert.deepEqual(await untilSeen(), [event]);
  });

  test('a replay that is cut short before it is marked is repeated, and nothing is lost', async () => {
    const events = await givenUp(2);
    const cutShort: DeadLetterBox = {
      ...box,
      walk: (topics, visit) =>
        box.walk(topics, async (batch) => {
          await visit(batch);
          throw new Error('the terminal is gone');
        }),
    };
    await assert.rejects(replayDeadLetters(cutShort, selection()), /the terminal is gone/);
    assert.deepEqual((await listed()).ids, idsOf(events));
    await replayDeadLetters(box, selection());
    assert.deepEqual(new Set(idsOf(await untilSeen())), new Set(idsOf(events)));
    assert.deepEqual((await listed()).ids, []);
  });

  test('more than one batch is walked', async () => {
    const events = Array.from({ length: 130 }, () => anEvent(topic, { data: { avatar: 'A'.repeat(20_000) } }));
    await Promise.all(events.map((event) => giveUp(event)));
    const { letters, outstanding } = await replayDeadLetters(box, selection());
    assert.deepEqual([letters.length, outstanding], [130, 0]);
    await waitFor('all of them', () => seen.length >= 130, DEADLINE);
    assert.deepEqual(new Set(idsOf(seen)), new Set(idsOf(events)));
  });

  test('a topic that the bus does not have is an error', async () => {
    await givenUp(1);
    await assert.rejects(listDeadLetters(box, selection({ topics: ['no-such-topic'] })));
  });
}
