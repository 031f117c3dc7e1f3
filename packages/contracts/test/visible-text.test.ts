import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { VISIBLE_CHARACTER } from '../src/visible-text.ts';

const characters = (property: RegExp): string[] =>
  Array.from({ length: 0x11_0000 }, (_, code) => String.fromCodePoint(code)).filter((each) => property.test(each));

const BLANK_GLYPHS = ['\u2800', '\u{1d159}', '\u{13441}', '\u{13442}'];
const INVISIBLE = {
  White_Space: characters(/\p{White_Space}/u),
  'control characters': characters(/\p{Cc}/u),
  'format characters': characters(/\p{Cf}/u),
  Default_Ignorable_Code_Point: characters(/\p{Default_Ignorable_Code_Point}/u),
  noncharacters: characters(/\p{Noncharacter_Code_Point}/u),
  'blank glyphs': BLANK_GLYPHS,
};

const names = (list: string[]) => list.map((each) => `U+${each.codePointAt(0)?.toString(16)}`);

describe('a text without anything to show', () => {
  for (const [what, each] of Object.entries(INVISIBLE)) {
    test(`${what}, ${each.length}, each by itself and repeated`, () => {
      assert.ok(each.length > 3);
      assert.deepEqual(names(each.filter((one) => VISIBLE_CHARACTER.test(one))), []);
      assert.deepEqual(names(each.filter((one) => VISIBLE_CHARACTER.test(` ${one}${one}\u3164`))), []);
    });
  }

  test('all of them together', () => {
    assert.ok(!VISIBLE_CHARACTER.test(Object.values(INVISIBLE).flat().join('')));
  });

  test('those by which it was shown', () => {
    const reported =
      '\u3164 \ufe0f \u115f \u1160 \u17b4 \u17b5 \u2800 \uffa0 \u034f \u061c \u{e0041} \u{e01ef} \u{1d173} \u00ad';
    for (const each of reported.split(' ')) assert.ok(!VISIBLE_CHARACTER.test(each), `${names([each])}`);
  });
});

describe('a text with something to show', () => {
  const invisible = Object.values(INVISIBLE).flat().join('');
  for (const text of [
    'a',
    '7',
    '.',
    'é',
    'e\u0301',
    'ש',
    'ا',
    'क',
    '한',
    '字',
    'あ',
    '￮',
    '𝒜',
    '€',
    '™',
    '🌊',
    '❤️',
    '👩‍👩‍👧',
    '👍🏽',
    '🇩🇪',
    '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
    '1️⃣',
    '☺︎',
    '🏳️‍🌈',
    '⠁',
    '\u{1d158}',
    '\u0301',
    '\ue000',
    '�',
  ]) {
    test(`${text}, ${names([...text]).join(' ')}`, () => {
      assert.ok(VISIBLE_CHARACTER.test(text));
      assert.ok(VISIBLE_CHARACTER.test(`${invisible}${text}${invisible}`));
    });
  }

  test('every emoji', () => {
    const emoji = characters(/\p{Emoji_Presentation}|\p{Extended_Pictographic}/u).filter(
      (each) => !/\p{Cn}/u.test(each),
    );
    assert.ok(emoji.length > 1_000);
    assert.deepEqual(names(emoji.filter((each) => !VISIBLE_CHARACTER.test(each))), []);
  });

  test('every letter, number, punctuation and symbol but the fillers and blanks', () => {
    const blank = new Set([...INVISIBLE.Default_Ignorable_Code_Point, ...BLANK_GLYPHS]);
    const visible = characters(/[\p{L}\p{N}\p{P}\p{S}]/u).filter((each) => !blank.has(each));
    assert.deepEqual(names(visible.filter((each) => !VISIBLE_CHARACTER.test(each))), []);
  });
});
