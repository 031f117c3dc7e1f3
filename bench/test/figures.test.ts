import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, percentile } from '../../test/support/statistics.ts';
import { selfTimes } from '../src/cpu-profile.ts';
import { type Measured, ratio } from '../src/measurement.ts';
import { table } from '../src/table.ts';
import { atLeast, figureBelow, figureSteady, held, p99NoWorseThan } from '../src/targets.ts';

const rates = (...numbers: number[]) => numbers.map((rate) => ({ rate, errors: 0 }));
const measured = (name: string, ...numbers: number[]): Measured => ({ name, samples: rates(...numbers) });

test('medians and percentiles', () => {
  assert.equal(median([9, 1, 5]), 5);
  assert.equal(median([4, 1, 3, 2]), 2.5);
  assert.equal(percentile([3, 1, 2], 99), 3);
  assert.equal(percentile([3, 1, 2], 50), 2);
});

test('ratios compare what was measured in the same round', () => {
  assert.equal(ratio(rates(2, 20, 200), rates(1, 10, 100)), 2);
});

test('a target is met or missed by its ratio, and left out with who it names', () => {
  const others = [measured('peer', 100, 100)];
  assert.equal(atLeast(1.2, 'peer')(measured('ours', 120, 130), others)?.met, true);
  assert.equal(atLeast(1.2, 'peer')(measured('ours', 110, 110), others)?.met, false);
  assert.equal(atLeast(1.2, 'no peer')(measured('ours', 110, 110), others), undefined);
});

test('targets of times, figures and counts', () => {
  const slow = (name: string, p99Ms: number): Measured => ({ name, samples: [{ rate: 1, p99Ms, errors: 0 }] });
  assert.equal(p99NoWorseThan('peer')(slow('ours', 5), [slow('peer', 5)])?.met, true);
  assert.equal(p99NoWorseThan('peer')(slow('ours', 6), [slow('peer', 5)])?.met, false);

  const memory = (...sizes: number[]): Measured => ({
    name: 'ours',
    samples: sizes.map((size) => ({ rate: 1, errors: 0, figures: { size } })),
  });
  assert.equal(figureBelow('size', 10)(memory(9, 9, 30), [])?.met, true);
  assert.equal(figureBelow('size', 10)(memory(10), [])?.met, false);
  assert.equal(figureBelow('gone', 10)(memory(1), [])?.met, false);
  assert.equal(figureSteady('size')(memory(100, 110), [])?.met, true);
  assert.equal(figureSteady('size')(memory(100, 130), [])?.met, false);

  assert.equal(held(10)(measured('ours', 10), [])?.met, true);
  assert.equal(held(10)(measured('ours', 9), [])?.met, false);
});

test('the table shows medians, spread, ratios, errors and verdicts', () => {
  const ours = { name: 'gateway', samples: [{ rate: 300, errors: 2, error: 'status 2' }, ...rates(100, 200)] };
  const text = table([
    {
      title: 'GET',
      unit: 'req/s',
      ours,
      others: [measured('peer', 150, 50, 100)],
      verdicts: [{ target: '≥ 3.0 × peer', measured: '2.00 ×', met: false }],
    },
  ]);
  assert.match(text, /gateway +200 +100–300/);
  assert.match(text, /peer +100 +50–150 +2\.00 ×/);
  assert.match(text, /FAILED: 2 errors, such as: status 2/);
  assert.match(text, /MISSED +≥ 3\.0 × peer: 2\.00 ×/);
});

test('a profile is read as time in functions themselves', () => {
  const frame = (functionName: string, url: string) => ({ functionName, url, lineNumber: 4 });
  const profile = {
    nodes: [
      { id: 1, callFrame: frame('(idle)', '') },
      { id: 2, callFrame: frame('handle', 'file:///home/x/node_modules/express/lib/application.js') },
      { id: 3, callFrame: frame('admit', 'file:///home/x/services/gateway/src/admission/admission.ts') },
    ],
    samples: [1, 2, 3, 2],
    timeDeltas: [9_000, 1_000, 1_000, 2_000],
  };
  const { busyMs, functions, modules } = selfTimes(profile);
  assert.equal(busyMs, 4);
  assert.deepEqual(functions, [
    { name: 'handle express/lib/application.js:5', percent: 75 },
    { name: 'admit services/gateway/src/admission/admission.ts:5', percent: 25 },
  ]);
  assert.deepEqual(
    modules.map(({ name }) => name),
    ['express', 'services/gateway'],
  );
  assert.equal(selfTimes(profile, 11).busyMs, 2);
});
