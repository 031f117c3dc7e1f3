import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LATEST_EFFECT_MS, type Outcome, type Write } from '../../load/ledger.ts';
import { checkLast, checkMade } from './expectations.ts';

const NOON = Date.UTC(2026, 0, 1, 12);

const write = (outcome: Outcome, marker = 'm', begun = NOON): Write => ({
  kind: 'edit',
  by: 'ada',
  marker,
  about: 'post',
  begun,
  ended: begun + 10,
  outcome,
});
const kindOf = (findings: { kind: string }[]) => findings.map(({ kind }) => kind).join() || 'fine';

describe('what was made', () => {
  const cases: [outcome: Outcome, rows: number, mayBeGone: boolean, kind: string][] = [
    ['acknowledged', 1, false, 'fine'],
    ['acknowledged', 0, false, 'lost'],
    ['acknowledged', 0, true, 'fine'],
    ['acknowledged', 2, true, 'doubled'],
    ['unknown', 0, false, 'fine'],
    ['unknown', 1, false, 'fine'],
    ['unknown', 2, false, 'doubled'],
    ['refused', 0, false, 'fine'],
    ['refused', 1, false, 'wrong'],
  ];
  for (const [outcome, rows, mayBeGone, kind] of cases) {
    test(`${outcome}, there ${rows} times${mayBeGone ? ', perhaps deleted' : ''}: ${kind}`, () => {
      assert.equal(kindOf(checkMade(write(outcome), rows, mayBeGone)), kind);
    });
  }
});

describe('what was written last', () => {
  const first = write('acknowledged', 'first');
  const last = write('acknowledged', 'last', NOON + 1_000);
  const kindIf = (writes: Write[], there: string | undefined) => kindOf(checkLast(writes, there, 'it'));

  test('is the last that was acknowledged', () => {
    assert.equal(kindIf([first, last], 'last'), 'fine');
    assert.equal(kindIf([first, last], 'first'), 'lost');
    assert.equal(kindIf([first, last], undefined), 'lost');
  });

  test('may be an unknown one since', () => {
    const unknown = write('unknown', 'unknown', NOON + 2_000);
    assert.equal(kindIf([last, unknown], 'unknown'), 'fine');
    assert.equal(kindIf([last, unknown], 'last'), 'fine');
  });

  test('may be an unknown one from before, as long as that can still take effect', () => {
    const unknown = write('unknown', 'unknown', NOON);
    const soon = write('acknowledged', 'last', NOON + LATEST_EFFECT_MS - 1);
    const late = write('acknowledged', 'last', NOON + LATEST_EFFECT_MS);
    assert.equal(kindIf([unknown, soon], 'unknown'), 'fine');
    assert.equal(kindIf([unknown, late], 'unknown'), 'lost');
  });

  test('is nothing where nothing was acknowledged, or what may have happened', () => {
    assert.equal(kindIf([], undefined), 'fine');
    assert.equal(kindIf([write('unknown')], undefined), 'fine');
    assert.equal(kindIf([write('unknown')], 'm'), 'fine');
  });

  test('is neither what was refused nor what was never written', () => {
    assert.equal(kindIf([first, write('refused')], 'm'), 'wrong');
    assert.equal(kindIf([first], 'of another write'), 'wrong');
    assert.equal(kindIf([], 'of another write'), 'wrong');
  });
});
