import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseMetrics } from './soak.ts';
import { judgeGrowth, judgeSoak, type Point, type Sample } from './soak-report.ts';

const MB = 1_000_000;
const LOAD = {
  requests: 1,
  failures: [],
  p50: 1,
  p99: 1,
  max: 1,
  chat: { sent: 1, acknowledged: 1, unanswered: 0, refused: [], missed: [], odd: [], disconnects: 0, closeCodes: [] },
};

const look = (handles: number): Sample[] => [{ part: 'gateway', atS: 0, values: { handles } }];
const REST = { before: look(20), after: look(25) };

/** Six minutes of a measure that begins so high and grows so much a minute. */
const samplesOf = (part: string, measure: string, from: number, perMinute: number): Sample[] =>
  Array.from({ length: 72 }, (_, index) => ({
    part,
    atS: index * 5,
    values: { [measure]: from + (perMinute * index * 5) / 60 },
  }));

describe('a soak', () => {
  test('passes where all is flat', () => {
    const samples = [...samplesOf('auth', 'heap', 60 * MB, 0), ...samplesOf('outboxes', 'rows', 3, 0)];
    assert.deepEqual(judgeSoak({ samples, rest: REST, load: LOAD }).problems, []);
  });

  test('fails where anything of ours grows, by its name', () => {
    const samples = [...samplesOf('auth', 'heap', 60 * MB, 3 * MB), ...samplesOf('chat', 'rss', 80 * MB, 9 * MB)];
    assert.deepEqual(judgeSoak({ samples, rest: REST, load: LOAD }).problems, [
      'heap of auth grows',
      'rss of chat grows',
    ]);
  });

  test('fails where connections are left open when the load has ended, not where they come and go with it', () => {
    const samples = samplesOf('gateway', 'handles', 40, 5);
    assert.deepEqual(judgeSoak({ samples, rest: REST, load: LOAD }).problems, []);
    assert.deepEqual(judgeSoak({ samples, rest: { ...REST, after: look(26) }, load: LOAD }).problems, [
      'gateway at rest: 20 handles before the load, 26 after it',
    ]);
  });

  test('shows what others use without judging it', () => {
    const { judged, problems } = judgeSoak({
      samples: samplesOf('kafka', 'rss', 300 * MB, 50 * MB),
      rest: REST,
      load: LOAD,
    });
    assert.deepEqual(problems, []);
    assert.equal(judged[0]?.part, 'kafka');
    assert.equal(Math.round((judged[0]?.perMinute ?? 0) / MB), 50);
  });

  test('fails on a request that failed', () => {
    const failures = [{ request: 'GET feed', why: '503', at: 1, tookMs: 1 }];
    const samples = samplesOf('auth', 'heap', 60 * MB, 0);
    assert.deepEqual(judgeSoak({ samples, rest: REST, load: { ...LOAD, failures } }).problems, [
      '1 requests failed, the first: 503',
    ]);
  });

  test('reads of the metrics what it knows, summed over labels', () => {
    const text = [
      '# TYPE nodejs_heap_size_used_bytes gauge',
      'nodejs_heap_size_used_bytes{service="auth"} 61000000',
      'nodejs_active_handles{type="Socket",service="auth"} 9',
      'nodejs_active_handles_total{service="auth"} 12',
      'chat_sockets_open 3',
      'chat_sockets_open{replica="1"} 4',
    ].join('\n');
    assert.deepEqual(parseMetrics(text), { heap: 61_000_000, handles: 12, sockets: 7 });
  });
});

const RULE = { share: 0.1, amount: 8 * MB };
const EVERY_S = 5;

/** A heap that fills up and is collected twice a minute, beginning so high and growing so much a minute. */
const heap = (minutes: number, { from, perMinute }: { from: number; perMinute: number }): Point[] =>
  Array.from({ length: (minutes * 60) / EVERY_S }, (_, index) => {
    const atS = index * EVERY_S;
    return { atS, value: from + (perMinute * atS) / 60 + (atS % 30) * MB };
  });

const near = (actual: number, expected: number, off: number) =>
  assert.ok(Math.abs(actual - expected) <= off, `${actual}, expected ${expected}`);

describe('growth over a soak', () => {
  test('is flat where the heap swings and comes back', () => {
    const { isFlat, perMinute } = judgeGrowth(heap(10, { from: 60 * MB, perMinute: 0 }), RULE);
    assert.equal(isFlat, true);
    near(perMinute, 0, 1);
  });

  test('is flat where the peaks rise and what is left below them does not', () => {
    const points = heap(10, { from: 60 * MB, perMinute: 0 }).map(({ atS, value }) => ({
      atS,
      value: atS % 30 === 0 ? value : value + atS * MB,
    }));
    assert.equal(judgeGrowth(points, RULE).isFlat, true);
  });

  test('is found beneath the swings', () => {
    const { isFlat, perMinute, total } = judgeGrowth(heap(10, { from: 60 * MB, perMinute: 2 * MB }), RULE);
    assert.equal(isFlat, false);
    near(perMinute, 2 * MB, 0.01 * MB);
    near(total, 16 * MB, 0.1 * MB);
  });

  test('may be so much, or a share of a large heap', () => {
    assert.equal(judgeGrowth(heap(10, { from: 60 * MB, perMinute: 0.9 * MB }), RULE).isFlat, true);
    assert.equal(judgeGrowth(heap(10, { from: 400 * MB, perMinute: 4 * MB }), RULE).isFlat, true);
    assert.equal(judgeGrowth(heap(10, { from: 400 * MB, perMinute: 6 * MB }), RULE).isFlat, false);
  });

  test('leaves out the first minute', () => {
    const warmingUp = heap(10, { from: 60 * MB, perMinute: 0 }).map(({ atS, value }) => ({
      atS,
      value: atS < 60 ? value / 4 : value,
    }));
    assert.equal(judgeGrowth(warmingUp, RULE).isFlat, true);
  });

  test('shows what there was early and late', () => {
    const points = Array.from({ length: 120 }, (_, index) => ({ atS: index * EVERY_S, value: Math.floor(index / 12) }));
    const { early, late } = judgeGrowth(points, RULE);
    assert.deepEqual([early, late], [1.5, 8.5]);
  });

  test('cannot be told from three minutes', () => {
    assert.throws(() => judgeGrowth(heap(3, { from: MB, perMinute: 0 }), RULE), RangeError);
  });
});
