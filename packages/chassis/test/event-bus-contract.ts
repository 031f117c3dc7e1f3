import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { waitFor } from '@wave-connect/dev-env/waiting';
import type pg from 'pg';
import { replay, select } from '../src/dead-letters/operations.ts';
import type { Consumer, EventBus, Subscription } from '../src/events/bus.ts';
import { consumeEvents } from '../src/events/consumer/consumer.ts';
import { onlyFrom } from '../src/events/consumer/producers.ts';
import { createDeadLetters } from '../src/events/dead-letters.ts';
import type { Event, EventHandler } from '../src/events/event.ts';
import type { Topic } from '../src/events/topics.ts';
import { Metrics } from '../src/observability/metrics.ts';
import { anEvent, freshStore, silent } from './support.ts';

/** What the suite needs from an adapter: buses of its own, all of them with these topics. */
export type BusMaker = {
  start(topics: Topic[]): Promise<(clientId: string) => EventBus>;
};

const DEADLINE = { deadlineMs: 60_000 };
const GROUPS = ['first', 'second'];

/** Runs the contract of the event bus on one adapter. */
export function eventBusContract(adapter: string, maker: BusMaker): void {
  const topics = Array.from({ length: 12 }, () => `topic-${randomUUID()}`);
  const buses: EventBus[] = [];
  const consumers: Consumer[] = [];
  let responds = true;
  let make: (clientId: string) => EventBus;
  let store: pg.Pool;

  const newBus = async (): Promise<EventBus> => {
    const bus = make(randomUUID());
    buses.push(bus);
    await bus.start();
    return bus;
  };
  const publish = (bus: EventBus, events: Event[]) =>
    waitFor('the bus to take events', () => bus.publish(events).then(() => true), DEADLINE);
  const collect = (bus: EventBus, over: Partial<Subscription> & { topics: string[] }) => {
    const seen: Event[] = [];
    const handler = async (event: Event) => void seen.push(event);
    const consumer = bus.subscribe({ group: 'first', handler, ...over });
    consumers.push(consumer);
    return { seen, consumer };
  };
  const untilSeen = (seen: unknown[], count: number) =>
    waitFor(`${count} events`, () => seen.length >= count, DEADLINE).catch((error) => {
      throw new Error(`${seen.length} of ${count} events came`, { cause: error });
    });
  /** Consumes with retries and dead letters, as services do. */
  const consume = (bus: EventBus, topic: string, handler: EventHandler, group = 'first') => {
    const metrics = new Metrics('test');
    const consumer = consumeEvents({
      bus,
      group,
      handlers: { [topic]: handler },
      deadLetters: createDeadLetters(store),
      log: silent,
      metrics,
      signal: new AbortController().signal,
      databaseResponds: () => Promise.resolve(responds),
    });
    consumers.push(consumer);
    return metrics;
  };
  const lettersOf = (topic: string) => select(store, { groups: [], topics: [topic], ids: [] }, 100);
  const topicOf = (test: number) => topics[test] as string;

  before(async () => {
    make = await maker.start(topics.map((name) => ({ name, partitions: 3, groups: GROUPS })));
    store = await freshStore();
  });
  after(() => store.end());

  // Members of one group must have the same topics, so no test leaves any behind.
  afterEach(async () => {
    await Promise.all(consumers.splice(0).map((consumer) => consumer.stop()));
    await Promise.all(buses.splice(0).map((bus) => bus.stop()));
  });

  test(`${adapter}: each group gets each event, with all that it said`, async () => {
    const bus = await newBus();
    const event = anEvent(topicOf(0), { requestId: 'request-1', data: { text: 'grüße 🌊', none: null } });
    await publish(bus, [event]);
    const first = collect(bus, { topics: [topicOf(0)], group: 'first' });
    const second = collect(bus, { topics: [topicOf(0)], group: 'second' });
    await untilSeen(first.seen, 1);
    await untilSeen(second.seen, 1);
    assert.deepEqual(first.seen, [event]);
    assert.deepEqual(second.seen, [event]);
  });

  test(`${adapter}: events of one key are handled in their order`, async () => {
    const bus = await newBus();
    const keys = ['a', 'b', 'c', 'd', 'e'];
    const events = Array.from({ length: 100 }, (_, i) => anEvent(topicOf(1), { key: keys[i % keys.length] as string }));
    const { seen } = collect(bus, { topics: [topicOf(1)] });
    for (let start = 0; start < events.length; start += 10) await publish(bus, events.slice(start, start + 10));
    await untilSeen(seen, events.length);
    for (const key of keys) {
      const idsOf = (list: Event[]) => list.filter((event) => event.key === key).map((event) => event.id);
      assert.deepEqual(idsOf(seen), idsOf(events));
    }
  });

  test(`${adapter}: what is published while no member runs waits for the group`, async () => {
    const bus = await newBus();
    await publish(bus, [anEvent(topicOf(2)), anEvent(topicOf(2))]);
    const { seen } = collect(await newBus(), { topics: [topicOf(2)] });
    await untilSeen(seen, 2);
  });

  test(`${adapter}: members of a group share its events, and one takes over from another`, async () => {
    const publisher = await newBus();
    const one = collect(await newBus(), { topics: [topicOf(3)] });
    const two = collect(await newBus(), { topics: [topicOf(3)] });
    const events = Array.from({ length: 60 }, () => anEvent(topicOf(3)));
    await publish(publisher, events.slice(0, 30));
    await waitFor('the first half', () => one.seen.length + two.seen.length >= 30, DEADLINE);
    await one.consumer.stop();
    await publish(publisher, events.slice(30));
    const ids = () => new Set([...one.seen, ...two.seen].map((event) => event.id));
    await waitFor('every event', () => ids().size === events.length, DEADLINE);
  });

  test(`${adapter}: an event whose handler did not finish comes again`, async () => {
    const bus = await newBus();
    const event = anEvent(topicOf(4));
    await publish(bus, [event]);
    let attempts = 0;
    const failing = bus.subscribe({
      topics: [topicOf(4)],
      group: 'first',
      handler: async () => {
        attempts += 1;
        throw new Error('the process is going down');
      },
    });
    await waitFor('an attempt', () => attempts > 0, DEADLINE);
    await failing.stop();
    const { seen } = collect(await newBus(), { topics: [topicOf(4)] });
    await untilSeen(seen, 1);
    assert.equal(seen[0]?.id, event.id);
  });

  test(`${adapter}: a poison event becomes a dead letter that says why, and the next one is handled`, async () => {
    const bus = await newBus();
    const key = randomUUID();
    const poison = anEvent(topicOf(5), { key, data: { poison: true } });
    const good = anEvent(topicOf(5), { key });
    const handled: string[] = [];
    consume(bus, topicOf(5), async (event) => {
      if (event.id === poison.id) throw new TypeError('cannot be understood');
      handled.push(event.id);
    });
    await publish(bus, [poison, good]);
    await waitFor('the good event', () => handled.includes(good.id), DEADLINE);
    const [letter, ...others] = await lettersOf(topicOf(5));
    assert.deepEqual(others, []);
    const { group, id, key: letterKey, value, error, attempts, place } = letter ?? {};
    assert.deepEqual(
      { group, id, key: letterKey, value, error, attempts },
      {
        group: 'first',
        id: poison.id,
        key,
        value: JSON.stringify(poison.data),
        error: 'TypeError: cannot be understood',
        attempts: 5,
      },
    );
    assert.ok(place);
  });

  test(`${adapter}: an event of another than the topic's producer becomes a dead letter at once, and takes no effect`, async () => {
    const bus = await newBus();
    const key = randomUUID();
    const foreign = ['/profile', '/auth/', 'auth', '/AUTH', ''].map((source) => anEvent(topicOf(11), { key, source }));
    const own = anEvent(topicOf(11), { key, source: '/auth' });
    const handled: string[] = [];
    const metrics = consume(
      bus,
      topicOf(11),
      onlyFrom('auth', async ({ id }) => void handled.push(id)),
    );
    await publish(bus, [...foreign, own]);
    await waitFor('the own event', () => handled.length > 0, DEADLINE);
    assert.deepEqual(handled, [own.id]);
    const letters = await lettersOf(topicOf(11));
    assert.deepEqual(
      letters.map(({ id, attempts }) => [id, attempts]),
      foreign.map(({ id }) => [id, 1]),
    );
    assert.match(letters[0]?.error ?? '', /^ForeignEventError: it comes from "\/profile", not from auth/);
    assert.match(await metrics.registry.metrics(), /^events_foreign_total\{.*\} 5$/m);
  });

  test(`${adapter}: replayed, dead letters come again as they were, in order, to the group that gave them up`, async () => {
    const bus = await newBus();
    const events = Array.from({ length: 3 }, () => anEvent(topicOf(10), { key: 'one', requestId: 'request-1' }));
    const seen: Record<string, Event[]> = { first: [], second: [] };
    let broken = true;
    for (const group of GROUPS) {
      const handler = async (event: Event) => {
        if (group === 'first' && broken) throw new Error('not today');
        seen[group]?.push(event);
      };
      consume(bus, topicOf(10), handler, group);
    }
    await publish(bus, events);
    await waitFor('the letters', async () => (await lettersOf(topicOf(10))).length === 3, DEADLINE);
    await waitFor('the other group', () => seen.second?.length === 3, DEADLINE);
    broken = false;
    const settled = await replay(store, await lettersOf(topicOf(10)));
    assert.deepEqual(
      settled.map(({ outcome }) => outcome),
      ['replayed', 'replayed', 'replayed'],
    );
    assert.deepEqual(seen, { first: events, second: events });
    assert.deepEqual(await lettersOf(topicOf(10)), []);
  });

  test(`${adapter}: time without a database does not count as failing`, async () => {
    const bus = await newBus();
    let attempts = 0;
    responds = false;
    const metrics = consume(bus, topicOf(6), async () => {
      attempts += 1;
      if (attempts <= 6) throw Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    });
    await publish(bus, [anEvent(topicOf(6))]);
    await waitFor('the event to take effect', () => attempts === 7, DEADLINE);
    assert.match(await metrics.registry.metrics(), /^events_consumed_total\{.*outcome="dead_letter".*\} 0$/m);
    responds = true;
  });

  test(`${adapter}: an ephemeral group gives each process every event`, async () => {
    const publisher = await newBus();
    const one = collect(await newBus(), { topics: [topicOf(7)], ephemeral: true });
    const two = collect(await newBus(), { topics: [topicOf(7)], ephemeral: true });
    await waitFor('both to listen', () => one.consumer.isRunning() && two.consumer.isRunning(), DEADLINE);
    const event = anEvent(topicOf(7));
    await publish(publisher, [event]);
    await untilSeen(one.seen, 1);
    await untilSeen(two.seen, 1);
    assert.deepEqual([one.seen[0]?.id, two.seen[0]?.id], [event.id, event.id]);
  });

  test(`${adapter}: an event of 700 kB, an avatar's, passes`, async () => {
    const bus = await newBus();
    const event = anEvent(topicOf(8), { data: { avatar: 'A'.repeat(700_000) } });
    await publish(bus, [event]);
    const { seen } = collect(bus, { topics: [topicOf(8)] });
    await untilSeen(seen, 1);
    assert.deepEqual(seen[0]?.data, event.data);
  });

  test(`${adapter}: events that are too large for one batch all come, in their order`, async () => {
    const bus = await newBus();
    const avatar = 'A'.repeat(700_000);
    const events = Array.from({ length: 4 }, () => anEvent(topicOf(9), { key: 'one', data: { avatar } }));
    const { seen } = collect(bus, { topics: [topicOf(9)] });
    await publish(bus, events);
    await untilSeen(seen, events.length);
    assert.deepEqual(
      seen.map(({ id }) => id),
      events.map(({ id }) => id),
    );
  });
}
