import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KafkaBroker, startKafka } from '@wave-connect/dev-env/kafka';
import { temporaryFolder } from '@wave-connect/dev-env/machine';
import { testKafkaUnavailable } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { type KafkaConfig, readEventsConfig } from '../src/config/events.ts';
import type { EventBus } from '../src/events/bus.ts';
import { consumeEvents, type WatchedConsumer } from '../src/events/consumer/consumer.ts';
import type { EventHandler } from '../src/events/event.ts';
import { createKafkaBus } from '../src/events/kafka/bus.ts';
import { createLogger } from '../src/observability/log.ts';
import { Metrics } from '../src/observability/metrics.ts';
import { anEvent, noDeadLetters } from './support.ts';

const DEADLINE = { deadlineMs: 60_000 };
/** From the broker's return to the first event. */
const RECOVERY_MS = 30_000;
/** Longer than a request may take, so that the clients give up and come back. */
const FROZEN_MS = 15_000;
const PARTITIONS = 6;

/** The broker is this file's own, for it is hurt. */
const skip = testKafkaUnavailable() ?? false;

let broker: KafkaBroker;
const buses: EventBus[] = [];
const consumers: WatchedConsumer[] = [];
const log = createLogger('test', process.env.TEST_LOG_LEVEL ?? 'silent');

before(async () => {
  if (skip === false) broker = await startKafka({ dataDir: await temporaryFolder(), persistent: false });
});
afterEach(async () => {
  await Promise.all(consumers.splice(0).map((consumer) => consumer.stop()));
  await Promise.all(buses.splice(0).map((bus) => bus.stop()));
});
after(() => broker?.stop());

const newTopic = async (): Promise<string> => {
  const topic = `topic-${randomUUID()}`;
  await broker.createTopics([{ name: topic, partitions: PARTITIONS }]);
  return topic;
};

function newBus(over: Partial<KafkaConfig> = {}): EventBus {
  const config = { ...(readEventsConfig({ EVENTS_URL: broker.url }) as KafkaConfig), ...over };
  const bus = createKafkaBus(config, { clientId: randomUUID(), log });
  buses.push(bus);
  return bus;
}

/** `limits` are short, so that the consumer is not live as soon as it finds that a new process may help. */
function consume(topic: string, handler: EventHandler, bus = newBus()): WatchedConsumer {
  const consumer = consumeEvents({
    bus,
    group: 'group',
    handlers: { [topic]: handler },
    deadLetters: noDeadLetters,
    log,
    metrics: new Metrics('test'),
    signal: new AbortController().signal,
    databaseResponds: async () => true,
    limits: { deadAfterMs: 1_000, attemptMs: 1_000 },
  });
  consumers.push(consumer);
  return consumer;
}

/** Two members of one group, and what came to them. */
async function twoConsumers(topic: string) {
  const seen = new Set<string>();
  const handler = async ({ id }: { id: string }) => void seen.add(id);
  const both = [consume(topic, handler), consume(topic, handler)];
  const bus = newBus();
  /** Publishes to all partitions, and waits until it has all come. */
  const roundTrip = async (deadlineMs: number) => {
    const events = Array.from({ length: 30 }, () => anEvent(topic));
    const deadline = { deadlineMs };
    await waitFor('the bus to take events', () => bus.publish(events).then(() => true), deadline);
    await waitFor('the events', () => events.every(({ id }) => seen.has(id)), deadline);
  };
  await waitFor('both to join', () => both.every((consumer) => consumer.isRunning()), DEADLINE);
  await roundTrip(DEADLINE.deadlineMs);
  return { both, roundTrip };
}

/** Fails as soon as a consumer complains. */
function watchQuiet(all: WatchedConsumer[]): { end(): void } {
  const complaints: string[] = [];
  const timer = setInterval(() => {
    for (const consumer of all) {
      const trouble = consumer.trouble();
      if (trouble) complaints.push(trouble.reason);
    }
  }, 100);
  return {
    end() {
      clearInterval(timer);
      assert.deepEqual(complaints, []);
    },
  };
}

test('consumers come back after a broker that froze, and say nothing meanwhile', { skip }, async (t) => {
  const { both, roundTrip } = await twoConsumers(await newTopic());
  const quiet = watchQuiet(both);
  broker.pause();
  await sleep(FROZEN_MS);
  broker.resume();
  const begun = performance.now();
  await roundTrip(RECOVERY_MS);
  t.diagnostic(`back within ${Math.round(performance.now() - begun)} ms`);
  await waitFor('both to be back', () => both.every((consumer) => consumer.isRunning()), DEADLINE);
  quiet.end();
});

test('consumers come back after a broker that was killed, and say nothing meanwhile', { skip }, async (t) => {
  const { both, roundTrip } = await twoConsumers(await newTopic());
  const quiet = watchQuiet(both);
  await broker.kill();
  await waitFor('both to notice', () => both.every((consumer) => !consumer.isRunning()), DEADLINE);
  await broker.restart();
  const begun = performance.now();
  await roundTrip(RECOVERY_MS);
  t.diagnostic(`back within ${Math.round(performance.now() - begun)} ms`);
  await waitFor('both to be back', () => both.every((consumer) => consumer.isRunning()), DEADLINE);
  quiet.end();
});

test('a topic that does not exist is waited for, and no new process is called for', { skip }, async () => {
  const topic = `topic-${randomUUID()}`;
  let handled = 0;
  const consumer = consume(topic, async () => {
    handled += 1;
  });
  await waitFor('a reason', () => consumer.waiting() === 'its topics are not all there', DEADLINE);
  consumer.assertAlive();
  assert.equal(consumer.trouble(), undefined);
  assert.ok(!consumer.isRunning());

  await broker.createTopics([{ name: topic, partitions: 1 }]);
  await newBus().publish([anEvent(topic)]);
  await waitFor('the event', () => handled === 1, DEADLINE);
  await waitFor('the end of the wait', () => consumer.waiting() === undefined, DEADLINE);
});

test('a publisher waits for its topics before the first event, and finds them when they come', { skip }, async () => {
  const topic = `topic-${randomUUID()}`;
  const publisher = newBus().openPublisher([topic]);
  assert.equal(publisher.waiting(), 'it is connecting');
  await waitFor('a reason', () => publisher.waiting() === 'its topics are not all there', DEADLINE);
  await broker.createTopics([{ name: topic, partitions: 1 }]);
  await waitFor('the end of the wait', () => publisher.waiting() === undefined, DEADLINE);
});

test('a publisher notices that the brokers are gone when it sends, and that they are back', { skip }, async () => {
  const topic = await newTopic();
  const bus = newBus();
  const publisher = bus.openPublisher([topic]);
  await waitFor('the publisher', () => publisher.waiting() === undefined, DEADLINE);
  await broker.kill();
  await assert.rejects(bus.publish([anEvent(topic)]));
  assert.equal(publisher.waiting(), 'the brokers do not respond');
  await broker.restart();
  await waitFor('the publisher', () => publisher.waiting() === undefined, DEADLINE);
});

test('a handler that never ends is said, although its consumer keeps its place in the group', { skip }, async () => {
  const topic = await newTopic();
  const gate = Promise.withResolvers<void>();
  const consumer = consume(topic, () => gate.promise);
  await newBus().publish([anEvent(topic)]);
  await waitFor('a complaint', () => consumer.trouble() !== undefined, DEADLINE);
  assert.equal(consumer.waiting(), 'a handler does not come to an end');
  assert.ok(consumer.isRunning());
  gate.resolve();
  await waitFor('no complaint', () => consumer.trouble() === undefined, DEADLINE);
});
