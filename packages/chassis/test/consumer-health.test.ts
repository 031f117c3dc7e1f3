import assert from 'node:assert/strict';
import { test } from 'node:test';
import { waitFor } from '@wave-connect/dev-env/waiting';
import type { Consumer, EventBus, Subscription, Trouble } from '../src/events/bus.ts';
import { consumeEvents } from '../src/events/consumer/consumer.ts';
import { WATCH_LIMITS } from '../src/events/consumer/health.ts';
import { Metrics } from '../src/observability/metrics.ts';
import { anEvent, noDeadLetters, silent } from './support.ts';

const DEADLINE = { deadlineMs: 10_000 };

/** A bus at the consuming end of which the test stands. */
function consuming(options: { ephemeral?: boolean; handler?: () => Promise<void>; attemptMs?: number } = {}) {
  let subscription: Subscription | undefined;
  const state: { waiting?: string; trouble: Trouble | undefined; stalledMs: number } = {
    trouble: undefined,
    stalledMs: 2_000,
  };
  const adapter: Consumer = {
    waiting: () => state.waiting,
    trouble: () => state.trouble,
    stalledMs: () => state.stalledMs,
    lag: () => new Map([['topic', 7]]),
    isRunning: () => state.trouble === undefined,
    stop: async () => {},
  };
  const bus = {
    subscribe: (given) => {
      subscription = given;
      return adapter;
    },
  } as EventBus;
  const metrics = new Metrics('test');
  const { handler = async () => {}, ephemeral = false, attemptMs = WATCH_LIMITS.attemptMs } = options;
  const consumer = consumeEvents({
    bus,
    group: 'chat',
    ephemeral,
    handlers: { topic: handler },
    deadLetters: noDeadLetters,
    log: silent,
    metrics,
    signal: new AbortController().signal,
    databaseResponds: async () => true,
    limits: { deadAfterMs: 180_000, attemptMs },
  });
  const deliver = () => subscription?.handler(anEvent('topic')) as Promise<void>;
  return { consumer, state, metrics, deliver, restart: () => subscription?.onRestart?.() };
}

const trouble = (forMs: number): Trouble => ({ reason: 'it makes no progress', forMs });

test('a new process is called for where trouble stays', () => {
  const { consumer, state } = consuming();
  state.trouble = trouble(179_000);
  consumer.assertAlive();
  state.trouble = trouble(181_000);
  assert.throws(() => consumer.assertAlive(), /^Error: chat does not consume: it makes no progress$/);
});

test('a consumer that waits says why, and no new process is called for, however long', () => {
  const { consumer, state } = consuming();
  assert.equal(consumer.waiting(), undefined);
  state.waiting = 'its topics are not all there';
  assert.equal(consumer.waiting(), 'its topics are not all there');
  consumer.assertAlive();
});

test('a handler that does not come to an end is trouble, as long as it lasts', async () => {
  const gate = Promise.withResolvers<void>();
  const { consumer, deliver } = consuming({ handler: () => gate.promise, attemptMs: 20 });
  const delivered = deliver();
  await waitFor('the limit of an attempt', () => consumer.trouble() !== undefined, DEADLINE);
  assert.match(String(consumer.trouble()?.reason), /handler/);
  assert.match(String(consumer.waiting()), /handler/);
  gate.resolve();
  await delivered;
  assert.equal(consumer.trouble(), undefined);
});

test('failing again and again, as in an outage, is no hang', async () => {
  let attempts = 0;
  const handler = async () => {
    attempts += 1;
    if (attempts < 4) throw Object.assign(new Error('x'), { code: 'ECONNREFUSED' });
  };
  const { consumer, deliver } = consuming({ handler, attemptMs: 300 });
  const delivered = deliver();
  let hung = false;
  const look = setInterval(() => {
    hung ||= consumer.trouble() !== undefined;
  }, 10);
  await delivered;
  clearInterval(look);
  assert.equal(attempts, 4);
  assert.ok(!hung);
});

test('metrics tell how the consumer does, by its name', async () => {
  const { state, metrics, restart } = consuming({ ephemeral: true });
  state.trouble = trouble(1);
  restart();
  const text = await metrics.registry.metrics();
  const value = (name: string, labels: string) =>
    new RegExp(`^${name}\\{${labels}[^}]*\\} (\\S+)$`, 'm').exec(text)?.[1];
  const group = 'group="chat, this replica"';
  assert.equal(value('events_consumer_running', group), '0');
  assert.equal(value('events_consumer_stalled_seconds', group), '2');
  assert.equal(value('events_consumer_lag', `${group},topic="topic"`), '7');
  assert.equal(value('events_consumer_restarts_total', group), '1');
});
