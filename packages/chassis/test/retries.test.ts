import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createAttempts, withRetries } from '../src/events/consumer/retries.ts';
import type { Failure } from '../src/events/dead-letters.ts';
import type { Event } from '../src/events/event.ts';
import { Metrics } from '../src/observability/metrics.ts';
import { anEvent, noDeadLetters, silent } from './support.ts';

/** Handles one event whose handler fails with that, `times` times, and whose dead letter cannot be stored `stores` times. */
async function handleFailing(
  code: string,
  { times, responds, stores = 0 }: { times: number; responds: boolean; stores?: number },
) {
  const letters: Failure[] = [];
  const deadLetters = {
    ...noDeadLetters,
    async put(_event: Event, failure: Failure) {
      stores -= 1;
      if (stores >= 0) throw new Error('the database is away');
      letters.push(failure);
    },
  };
  let attempts = 0;
  const handlers = {
    topic: async () => {
      attempts += 1;
      if (attempts <= times) throw Object.assign(new Error(code), { code });
    },
  };
  const { signal } = new AbortController();
  const databaseResponds = async () => responds;
  const options = {
    deadLetters,
    group: 'g',
    handlers,
    log: silent,
    metrics: new Metrics('t'),
    signal,
    databaseResponds,
  };
  await withRetries({ ...options, longestPauseMs: 1 }, createAttempts())(anEvent('topic'));
  return { attempts, letters };
}

test('an effect that always times out on a database that responds becomes a dead letter', async () => {
  const { attempts, letters } = await handleFailing('57014', { times: Number.POSITIVE_INFINITY, responds: true });
  assert.equal(attempts, 20);
  assert.deepEqual(letters, [{ group: 'g', error: 'Error: 57014', attempts: 20 }]);
});

test('while the database does not respond, no number of failures does', async () => {
  const { attempts, letters } = await handleFailing('57014', { times: 60, responds: false });
  assert.equal(attempts, 61);
  assert.deepEqual(letters, []);
});

for (const code of ['53100', '53300', '25006']) {
  test(`${code} is no event's fault, although the database responds`, async () => {
    const { attempts, letters } = await handleFailing(code, { times: 60, responds: true });
    assert.equal(attempts, 61);
    assert.deepEqual(letters, []);
  });
}

test('what no retry mends is given up sooner', async () => {
  const { attempts, letters } = await handleFailing('23505', { times: Number.POSITIVE_INFINITY, responds: false });
  assert.equal(attempts, 5);
  assert.equal(letters[0]?.attempts, 5);
});

test('an event whose dead letter cannot be stored is tried again, until it is stored', async () => {
  const { attempts, letters } = await handleFailing('23505', {
    times: Number.POSITIVE_INFINITY,
    responds: true,
    stores: 3,
  });
  assert.equal(attempts, 8);
  assert.deepEqual(letters, [{ group: 'g', error: 'Error: 23505', attempts: 8 }]);
});

test('or until it takes effect', async () => {
  const { attempts, letters } = await handleFailing('23505', { times: 6, responds: true, stores: 100 });
  assert.equal(attempts, 7);
  assert.deepEqual(letters, []);
});
