import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Health } from '../src/observability/health.ts';
import type { Part } from '../src/part.ts';
import { createLifecycle } from '../src/service/lifecycle.ts';
import { silent } from './support.ts';

const lifecycle = (parts: Part[], { delayMs = 0, deadlineMs = 10_000 } = {}) =>
  createLifecycle(parts, { health: new Health(silent), log: silent, shutdown: { delayMs, deadlineMs } });

const never = () => new Promise(() => {});

/** A part that notes what is done to it. */
const noting = (name: string, notes: string[]): Part => ({
  name,
  drain: () => void notes.push(`${name} drains`),
  stop: () => void notes.push(`${name} stops`),
});

test('all parts drain at once, and stop in reverse once the delay is over', async () => {
  const notes: string[] = [];
  const { start, stop, notStopped } = lifecycle([noting('pool', notes), noting('http', notes)], { delayMs: 50 });
  await start();
  const stopped = stop();
  assert.deepEqual(notes.splice(0), ['pool drains', 'http drains']);
  await stopped;
  assert.deepEqual(notes, ['http stops', 'pool stops']);
  assert.deepEqual(notStopped, []);
});

test('parts that hang are left behind within the deadline, and the others are stopped', async () => {
  const notes: string[] = [];
  const parts = [noting('pool', notes), { name: 'relay', stop: never }, { name: 'bus', stop: never }];
  const { start, stop, notStopped } = lifecycle([...parts, noting('http', notes)], { deadlineMs: 400 });
  await start();
  const begin = performance.now();
  await stop();
  assert.ok(performance.now() - begin < 400);
  assert.deepEqual(notStopped, ['bus', 'relay']);
  assert.deepEqual(notes, ['pool drains', 'http drains', 'http stops', 'pool stops']);
});

test('a part that fails to stop does not keep the others from it', async () => {
  const notes: string[] = [];
  const fail = () => {
    throw new Error('no');
  };
  const { start, stop, notStopped } = lifecycle([noting('pool', notes), { name: 'bus', stop: fail }]);
  await start();
  await stop();
  assert.deepEqual(notStopped, ['bus']);
  assert.equal(notes.at(-1), 'pool stops');
});

test('a second stop changes nothing', async () => {
  const notes: string[] = [];
  const { start, stop } = lifecycle([noting('http', notes)], { delayMs: 50 });
  await start();
  await Promise.all([stop(), stop()]);
  await stop();
  assert.deepEqual(notes, ['http drains', 'http stops']);
});

test('a stop during the start keeps what has not started from it, and does not wait for balancers', async () => {
  const notes: string[] = [];
  const slow = Promise.withResolvers<void>();
  const parts: Part[] = [
    { name: 'bus', start: () => slow.promise },
    { ...noting('http', notes), start: () => notes.push('http starts') },
  ];
  const { start, stop } = lifecycle(parts, { delayMs: 60_000, deadlineMs: 120_000 });
  const started = start();
  await stop();
  slow.resolve();
  await started;
  assert.deepEqual(notes, []);
});
