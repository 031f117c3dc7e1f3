import assert from 'node:assert/strict';
import { test } from 'node:test';
import { squareOf, WHOLE, within } from '../src/settings/crop.ts';

const WIDE = { width: 400, height: 200 };
const TALL = { width: 200, height: 400 };

test('at first the middle of a picture shows, all of its shorter side', () => {
  assert.deepEqual(squareOf(WIDE, WHOLE), { left: 100, top: 0, side: 200 });
  assert.deepEqual(squareOf(TALL, WHOLE), { left: 0, top: 100, side: 200 });
});

test('no move and no zoom shows anything but the picture', () => {
  for (const size of [WIDE, TALL]) {
    for (const x of [-9, -0.3, 0, 0.3, 9]) {
      for (const zoom of [0.1, 1, 1.7, 4, 99]) {
        const { left, top, side } = squareOf(size, within(size, { x, y: -x, zoom }));
        assert.ok(left >= -1e-9 && left + side <= size.width + 1e-9, JSON.stringify({ x, zoom, left, side }));
        assert.ok(top >= -1e-9 && top + side <= size.height + 1e-9, JSON.stringify({ x, zoom, top, side }));
      }
    }
  }
});

test('a zoom shows a part of the side, about the same middle', () => {
  assert.deepEqual(squareOf(WIDE, { x: 0, y: 0, zoom: 2 }), { left: 150, top: 50, side: 100 });
});
