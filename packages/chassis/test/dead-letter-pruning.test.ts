import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { waitFor } from '@wave-connect/dev-env/waiting';
import type pg from 'pg';
import { deadLetterPruning } from '../src/events/dead-letters.ts';
import { Metrics } from '../src/observability/metrics.ts';
import { freshStore, silent } from './support.ts';

const DEADLINE = { deadlineMs: 20_000 };
let store: pg.Pool;

before(async () => {
  store = await freshStore();
});
after(() => store.end());

const put = (topic: string, days: number, count: number) =>
  store.query(
    `INSERT INTO dead_letters (consumer_group, topic, event_id, key, value, headers, error, attempts,
                               first_failed_at, last_failed_at)
     SELECT 'profile', $1, uuidv7(), 'x', '{}', '{}', 'Error', 5, now() - make_interval(days => $2), now()
       FROM generate_series(1, $3)`,
    [topic, days, count],
  );

async function waiting(): Promise<Record<string, number>> {
  const { rows } = await store.query('SELECT topic, count(*)::int AS count FROM dead_letters GROUP BY topic');
  return Object.fromEntries(rows.map(({ topic, count }) => [topic, count]));
}

test('letters older than so many days are deleted, however many, but for deletions', async () => {
  await put('profile-updates', 31, 2_500);
  await put('profile-updates', 29, 3);
  await put('user-registered', 31, 1);
  await put('user-deleted', 400, 2);
  const metrics = new Metrics('test');
  const pruning = deadLetterPruning(store, 30, { log: silent, metrics });
  pruning.start?.();
  await waitFor('the old letters to go', async () => (await waiting())['profile-updates'] === 3, DEADLINE);
  await pruning.stop?.(10_000);
  assert.deepEqual(await waiting(), { 'profile-updates': 3, 'user-deleted': 2 });
  const text = await metrics.registry.metrics();
  assert.match(text, /^events_dead_letters_pruned_total\{.*topic="profile-updates".*\} 2500$/m);
});

test('what stays is deleted once the setting is shorter', async () => {
  const pruning = deadLetterPruning(store, 28, { log: silent, metrics: new Metrics('test') });
  pruning.start?.();
  await waitFor('the letters to go', async () => (await waiting())['profile-updates'] === undefined, DEADLINE);
  await pruning.stop?.(10_000);
});
