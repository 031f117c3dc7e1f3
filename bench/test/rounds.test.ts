import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Contender, Row, Sample, Suite } from '../src/measurement.ts';
import type { SuiteName } from '../src/options.ts';
import { runRow, runSuites } from '../src/rounds.ts';

const tools = { wrk: '', programs: '', nginx: undefined };
const options = { rounds: 2, seconds: 1, say: () => {}, tools, sockets: 1, kafka: false, profiles: undefined };

const contender = (name: string, take: (round: number) => Sample, log: string[] = []): Contender => {
  let round = 0;
  return {
    name,
    async measure() {
      log.push(name);
      round += 1;
      return take(round - 1);
    },
    settle: async () => void log.push(`${name} settles`),
  };
};

const row = (ours: Contender, others: Contender[] = []): Row => ({
  title: 'row',
  unit: 'req/s',
  ours,
  others,
  targets: [],
});

const suite = (name: SuiteName, prepare: Suite['prepare']): Suite => ({ name, prepare });

test('contenders take turns, and each settles before the next begins', async () => {
  const log: string[] = [];
  const take = () => ({ rate: 1, errors: 0 });
  await runRow(row(contender('a', take, log), [contender('b', take, log)]), { ...options, rounds: 1 });
  const turn = ['a', 'a settles', 'b', 'b settles'];
  assert.deepEqual(log, [...turn, ...turn]);
});

test('the round that warms up does not count', async () => {
  const { ours } = await runRow(row(contender('a', (round) => ({ rate: round, errors: 0 }))), options);
  assert.deepEqual(
    ours.samples.map(({ rate }) => rate),
    [1, 2],
  );
});

test('what is held is opened once', async () => {
  const once = { ...row(contender('a', (round) => ({ rate: round, errors: 0 }))), once: true };
  const { ours } = await runRow(once, options);
  assert.deepEqual(
    ours.samples.map(({ rate }) => rate),
    [0],
  );
});

test('errors of anyone are failures, and so is a suite that cannot be set up; the others still run', async () => {
  const { rows, failures } = await runSuites(
    [
      suite('feed', async () => {
        throw new Error('no database');
      }),
      suite('post', async () => [row(contender('a', () => ({ rate: 1, errors: 0 })))]),
      suite('gateway', async () => [
        row(
          contender('a', () => ({ rate: 1, errors: 0 })),
          [contender('b', () => ({ rate: 1, errors: 3 }))],
        ),
      ]),
    ],
    options,
  );
  assert.equal(rows.length, 2);
  assert.deepEqual(failures, [
    { suite: 'feed', message: 'no database' },
    { suite: 'row', message: 'b had 6 errors' },
  ]);
});

test('what was set up ends with its suite, the latest first, also where that fails', async () => {
  const log: string[] = [];
  const part = (name: string) => ({ stop: async () => void log.push(name) });
  const failing = suite('feed', async (stage) => {
    stage.keep(part('database'));
    stage.keep(part('service'));
    throw new Error('no peer');
  });
  await runSuites([failing], options);
  assert.deepEqual(log, ['service', 'database']);
});
