import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { judgeSoak } from './report.ts';
import { parseMetrics, type Sample } from './samples.ts';

const MB = 1_000_000;
const LOAD = {
  requests: 1,
  failures: [],
  p50: 1,
  p99: 1,
  max: 1,
  chat: {
    sent: 1,
    acknowledged: 1,
    unanswered: 0,
    refused: [],
    missed: [],
    odd: [],
    disconnects: 0,
    closeCodes: [],
  },
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
