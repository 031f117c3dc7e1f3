import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CATALOG } from '../catalog.ts';
import { SHORT, SHORT_FAULTS } from './fault-run.ts';
import { createSchedule, type Schedulable } from './schedule.ts';

const HOLD = { minMs: 2_000, maxMs: 8_000 };
const SLOTS = 400;

const slotsOf = <F extends Schedulable>(faults: readonly F[], seed: number, overlap = 0.3) =>
  Array.from({ length: SLOTS }, createSchedule(faults, { seed, hold: HOLD, overlap }));
const names = (slots: ReturnType<typeof slotsOf>) => slots.map((turns) => turns.map(({ fault }) => fault.name));

describe('the schedule of a run', () => {
  test('is the same for the same seed, choices and holds included', () => {
    assert.deepEqual(slotsOf(CATALOG, 7), slotsOf(CATALOG, 7));
  });

  test('is another one for another seed', () => {
    assert.notDeepEqual(names(slotsOf(CATALOG, 7)), names(slotsOf(CATALOG, 8)));
  });

  test('gives each fault a turn before any has a second one', () => {
    for (const seed of [1, 2, 3]) {
      const first = names(slotsOf(CATALOG, seed)).flat().slice(0, CATALOG.length);
      assert.deepEqual(first.toSorted(), CATALOG.map(({ name }) => name).toSorted());
    }
  });

  test('draws by weight, and what weighs nothing only once', () => {
    const faults = [
      { name: 'rare', hurts: ['a'] },
      { name: 'often', weight: 4, hurts: ['b'] },
      { name: 'once', weight: 0, hurts: ['c'] },
    ];
    const drawn = names(slotsOf(faults, 1, 0)).flat();
    const times = (wanted: string) => drawn.filter((name) => name === wanted).length;
    assert.equal(times('once'), 1);
    assert.ok(times('often') > 3 * times('rare'), `${times('often')} and ${times('rare')}`);
  });

  test('lets faults overlap that hurt different parts, and no others', () => {
    const pairs = slotsOf(CATALOG, 5).filter((turns) => turns.length > 1);
    assert.ok(pairs.length > SLOTS / 20, `${pairs.length} pairs`);
    for (const [one, other] of pairs) {
      const common = one?.fault.hurts.filter((part) => other?.fault.hurts.includes(part));
      assert.deepEqual(common, []);
    }
  });

  test('holds each fault within its bounds, and at least as long as it needs', () => {
    for (const { fault, holdMs } of slotsOf(CATALOG, 5).flat()) {
      assert.ok(holdMs >= Math.max(HOLD.minMs, fault.holdMs ?? 0), `${fault.name}: ${holdMs}`);
      assert.ok(holdMs <= Math.max(HOLD.maxMs, fault.holdMs ?? 0), `${fault.name}: ${holdMs}`);
    }
  });
});

test('every fault of the short form is in the catalog', () => {
  const names = CATALOG.filter(SHORT.isPartOf).map(({ name }) => name);
  assert.deepEqual(names.toSorted(), SHORT_FAULTS.toSorted());
});
