import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, mock, test } from 'node:test';
import type { Consumer as KafkaClientConsumer } from 'kafkajs';
import { createKafkaProgress } from '../src/events/kafka/progress.ts';

const NAMES = ['HEARTBEAT', 'GROUP_JOIN', 'FETCH', 'START_BATCH_PROCESS', 'END_BATCH_PROCESS'];

let now = 0;
beforeEach(() => {
  now = 1_000;
  mock.method(performance, 'now', () => now);
});
afterEach(() => mock.restoreAll());

/** What a client tells of itself, told by the test. */
function aClient() {
  const client = Object.assign(new EventEmitter(), { events: Object.fromEntries(NAMES.map((name) => [name, name])) });
  return {
    client: client as unknown as KafkaClientConsumer,
    tell: (name: string, payload = {}) => client.emit(name, { payload }),
  };
}

function aMember() {
  const progress = createKafkaProgress();
  const { client, tell } = aClient();
  progress.follow(client);
  tell('GROUP_JOIN');
  const pass = (ms: number, ...signs: string[]) => {
    now += ms;
    for (const sign of signs) tell(sign);
  };
  return { progress, tell, pass };
}

test('a client whose fetch loop has stopped is stuck, however well its heart beats', () => {
  const { progress, pass } = aMember();
  pass(59_000, 'HEARTBEAT');
  assert.equal(progress.stall(), undefined);
  assert.equal(progress.stalledMs(), 59_000);
  pass(2_000, 'HEARTBEAT');
  assert.match(String(progress.stall()), /no fetch/);
});

test('one that handles an event need not fetch', async () => {
  const { progress, pass } = aMember();
  const gate = Promise.withResolvers<void>();
  const handled = progress.during(() => gate.promise);
  pass(600_000, 'HEARTBEAT');
  assert.equal(progress.stall(), undefined);
  gate.resolve();
  await handled;
  assert.equal(progress.stalledMs(), 0);
});

test('one that has no heartbeat is out of its group, however often it fetches', () => {
  const { progress, pass } = aMember();
  pass(31_000, 'FETCH');
  assert.match(String(progress.stall()), /no heartbeat/);
});

test('one that never joins is stuck too', () => {
  const progress = createKafkaProgress();
  progress.follow(aClient().client);
  now += 61_000;
  assert.ok(progress.stall());
});

test('crashes that come again and again are one trouble, which lasts until a client has settled', () => {
  const { progress, tell, pass } = aMember();
  progress.failed({ kind: 'broken', reason: 'first' });
  pass(20_000, 'GROUP_JOIN');
  pass(5_000, 'FETCH');
  progress.failed({ kind: 'broken', reason: 'second' });
  assert.deepEqual(progress.trouble(), { reason: 'second', forMs: 25_000 });
  tell('GROUP_JOIN');
  pass(11_000, 'FETCH');
  assert.equal(progress.trouble(), undefined);
});

test('a consumer waits until it has fetched for the first time, and says for what', () => {
  const progress = createKafkaProgress();
  const { client, tell } = aClient();
  progress.follow(client);
  assert.equal(progress.waiting(), 'it is joining its group');
  progress.left();
  progress.failed({ kind: 'unmet', reason: 'its topics are not all there' });
  progress.follow(client);
  assert.equal(progress.waiting(), 'its topics are not all there');
  tell('GROUP_JOIN');
  assert.equal(progress.waiting(), 'its topics are not all there', 'it may lack the right to read');
  now += 100;
  tell('FETCH');
  assert.equal(progress.waiting(), undefined);
  progress.left();
  assert.equal(progress.waiting(), 'it is joining its group');
});

test('a failure is news once, and again after it has consumed', () => {
  const { progress, pass } = aMember();
  const away = { kind: 'away', reason: 'the brokers do not respond' } as const;
  assert.deepEqual([progress.failed(away), progress.failed(away)], [true, false]);
  assert.ok(progress.failed({ kind: 'unmet', reason: 'another' }));
  pass(100, 'GROUP_JOIN');
  pass(100, 'FETCH');
  assert.ok(progress.failed(away));
});

for (const kind of ['away', 'unmet'] as const) {
  test(`trouble ends where a new process would fare no better: ${kind}`, () => {
    const { progress } = aMember();
    progress.failed({ kind: 'broken', reason: 'a reason' });
    progress.failed({ kind, reason: 'another' });
    assert.equal(progress.trouble(), undefined);
  });
}

test('what a client says that was given up no longer counts', () => {
  const { progress, tell } = aMember();
  progress.left();
  tell('GROUP_JOIN');
  assert.ok(!progress.isRunning());
});

test('the wall clock has no say', () => {
  const { progress, pass } = aMember();
  mock.method(Date, 'now', () => 4_000_000_000_000);
  pass(1_000, 'FETCH', 'HEARTBEAT');
  assert.equal(progress.stall(), undefined);
  assert.equal(progress.trouble(), undefined);
});

test('lag is the sum over partitions, as of their last batches', () => {
  const { progress, tell } = aMember();
  tell('START_BATCH_PROCESS', { topic: 't', partition: 0, offsetLagLow: '9' });
  tell('END_BATCH_PROCESS', { topic: 't', partition: 0, offsetLag: '4' });
  tell('START_BATCH_PROCESS', { topic: 't', partition: 1, offsetLagLow: '3' });
  assert.deepEqual([...progress.lag()], [['t', 7]]);
});

test('a loop that has ended is trouble', () => {
  const { progress } = aMember();
  progress.over();
  assert.equal(progress.trouble()?.reason, 'it has ended');
  assert.equal(progress.waiting(), 'it has ended');
});
