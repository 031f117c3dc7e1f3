import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { after, afterEach, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type KafkaBroker, startKafka } from '@wave-connect/dev-env/kafka-broker.ts';
import { temporaryFolder } from '@wave-connect/dev-env/temporary-folder.ts';
import { testKafkaUnavailable } from '@wave-connect/dev-env/test-kafka.ts';
import { waitFor } from '@wave-connect/dev-env/wait-for.ts';
import { type KafkaConfig, readEventsConfig } from '../src/config/events.ts';
import type { EventBus } from '../src/events/bus.ts';
import { consumeEvents, type WatchedConsumer } from '../src/events/consumer.ts';
import type { EventHandler } from '../src/events/event.ts';
import { createKafkaBus } from '../src/events/kafka-bus.ts';
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

/** `limits` are short, so that what the consumer says is what it finds. */
function consume(topic: string, handler: EventHandler, bus = newBus()): WatchedConsumer {
  const consumer = consumeEvents({
    bus,
    group: 'group',
    handlers: { [topic]: handler },
    deadLetters: noDeadLetters,
    log,
    metrics: new Metrics('test'),
    signal: new AbortController().signal,
    databaseAnswers: async () => true,
    limits: { unreadyAfterMs: 0, deadAfterMs: 1_000, attemptMs: 1_000 },
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

test('a topic that does not exist is said, no new process is called for, and it is waited for', { skip }, async () => {
  const topic = `topic-${randomUUID()}`;
  let handled = 0;
  const consumer = consume(topic, async () => {
    handled += 1;
  });
  assert.throws(() => consumer.assertReady(), /not found its topics yet/);
  await waitFor('a complaint that lasts', () => (consumer.trouble()?.forMs ?? 0) > 1_500, DEADLINE);
  assert.throws(() => consumer.assertReady(), /topics are not all there/);
  consumer.assertAlive();
  assert.ok(!consumer.isRunning());

  await broker.createTopics([{ name: topic, partitions: 1 }]);
  await newBus().publish([anEvent(topic)]);
  await waitFor('the event', () => handled === 1, DEADLINE);
  await waitFor('no complaint', () => consumer.trouble() === undefined, DEADLINE);
});

test('brokers that answer and refuse are said, without a host', { skip }, async () => {
  const topic = await newTopic();
  const sasl = { mechanism: 'scram-sha-512', username: 'somebody', password: 'secret' } as const;
  const consumer = consume(topic, async () => {}, newBus({ sasl }));
  await waitFor('a complaint that lasts', () => (consumer.trouble()?.forMs ?? 0) > 1_500, DEADLINE);
  for (const assertion of [consumer.assertReady, consumer.assertAlive]) {
    assert.throws(assertion, (error: Error) => {
      assert.match(error.message, /group does not consume/);
      assert.doesNotMatch(error.message, /127\.0\.0\.1|secret|somebody/);
      return true;
    });
  }
});

test('a handler that never ends is said, although its consumer keeps its place in the group', { skip }, async () => {
  const topic = await newTopic();
  const gate = Promise.withResolvers<void>();
  const consumer = consume(topic, () => gate.promise);
  await newBus().publish([anEvent(topic)]);
  await waitFor('a complaint', () => consumer.trouble() !== undefined, DEADLINE);
  assert.throws(() => consumer.assertReady(), /a handler does not come to an end/);
  assert.ok(consumer.isRunning());
  gate.resolve();
  await waitFor('no complaint', () => consumer.trouble() === undefined, DEADLINE);
});
