import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { lost } from '../audit/facts.ts';
import { formatReport, makeReport, type RunResult } from './report.ts';
import type { Incident } from './storm.ts';

const LIMITS = { recoveryMs: 30_000 };
const KILL = 'kill -9 of a replica of auth';
const CUT = 'a cut link';

const incident = (fault: string, begun: number, recoveryMs: number | undefined): Incident => ({
  fault,
  what: `${fault} at ${begun}`,
  begun,
  healed: begun + 1_000,
  recoveryMs,
});

const idOf = (ended: number) => `00000000-0000-7000-8000-${String(ended).padStart(12, '0')}`;
const write = (ended: number, outcome: RunResult['writes'][number]['outcome'] = 'acknowledged') => ({
  marker: `m-${idOf(ended)}`,
  outcome,
  ended,
});

const RESULT: RunResult = {
  seed: 7,
  minutes: 1.5,
  faults: [KILL, CUT],
  incidents: [incident(KILL, 10_000, 500), incident(CUT, 20_000, 4_000), incident(KILL, 30_000, 1_500)],
  misses: [],
  writes: [
    write(9_999),
    ...[10_000, 10_999, 11_000, 11_499, 11_500].map((ended) => write(ended)),
    write(20_500),
    write(20_600, 'unknown'),
    write(20_700, 'refused'),
  ],
  findings: [],
  unaskedRestarts: [],
  unavailable: [],
};

describe('the report of a run', () => {
  test('counts the writes acknowledged while a fault lasted, and until recovery', () => {
    const { rows } = makeReport(RESULT, LIMITS);
    assert.deepEqual(
      rows.map(({ fault, times, during, untilRecovered }) => ({ fault, times, during, untilRecovered })),
      [
        { fault: KILL, times: 2, during: 2, untilRecovered: 2 },
        { fault: CUT, times: 1, during: 1, untilRecovered: 0 },
      ],
    );
  });

  test('passes where nothing was found, and shows it as a table', () => {
    const report = makeReport(RESULT, LIMITS);
    assert.deepEqual(report.problems, []);
    assert.equal(
      formatReport(report),
      [
        'fault                         times  acked during  until recovered  lost  doubled  median s  max s',
        '────────────────────────────  ─────  ────────────  ───────────────  ────  ───────  ────────  ─────',
        'kill -9 of a replica of auth      2             2                2     0        0       1.0    1.5',
        'a cut link                        1             1                0     0        0       4.0    4.0',
        '',
        'seed 7 · 1.5 min · 7 writes acknowledged · 3 faults · 0 lost · 0 doubled · 0 wrong · 1 unknown · 1 refused' +
          ' · recovery 1.5 s median, 4.0 s at most',
        'passed',
      ].join('\n'),
    );
  });

  test('fails on a finding, and counts it where the write was acknowledged', () => {
    const findings = [lost('it is not there', `post m-${idOf(11_000)} by ada`), lost('an event', 'of no write')];
    const report = makeReport({ ...RESULT, findings }, LIMITS);
    assert.deepEqual(report.problems, ['the audit has 2 findings']);
    assert.deepEqual(
      report.rows.map(({ fault, lost: times }) => [fault, times]),
      [
        [KILL, 1],
        [CUT, 0],
      ],
    );
    assert.equal(report.totals.lost, 2);
    assert.match(formatReport(report), /LOST: it is not there: post m-.* \(during: kill -9 of a replica of auth\)/);
  });

  test('fails where recovery takes too long, or never comes', () => {
    const incidents = [
      incident(KILL, 1, LIMITS.recoveryMs + 1),
      { ...incident(CUT, 2, undefined), lastFailure: '502 of the feed' },
    ];
    assert.deepEqual(makeReport({ ...RESULT, incidents }, LIMITS).problems, [
      `recovery from ${KILL} at 1 took 30001 ms`,
      `no recovery from ${CUT} at 2: 502 of the feed`,
    ]);
  });

  test('fails where a fault was never brought about', () => {
    const incidents = RESULT.incidents.filter(({ fault }) => fault !== CUT);
    const misses = [{ fault: CUT, why: 'the proxy did not respond' }];
    const report = makeReport({ ...RESULT, incidents, misses }, LIMITS);
    assert.deepEqual(report.problems, [`it was not brought about: ${CUT}`]);
    assert.match(formatReport(report), /could not be brought about this time: a cut link: the proxy did not respond/);
  });
});
