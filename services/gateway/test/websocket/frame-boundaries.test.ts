import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { frameBoundaries } from '../../src/websocket/frame-boundaries.ts';
import { aFrame } from './frames.ts';

const LENGTHS = [0, 1, 125, 126, 65_535, 65_536, 200_000];

/** Where frames of these lengths end in their stream. */
function stream(frames: Buffer[]): { bytes: Buffer; ends: Set<number> } {
  let end = 0;
  const ends = new Set([0]);
  for (const frame of frames) {
    end += frame.length;
    ends.add(end);
  }
  return { bytes: Buffer.concat(frames), ends };
}

function chunksOf(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; ) {
    const chunk = bytes.subarray(at, at + (sizes[chunks.length % sizes.length] ?? 1));
    chunks.push(chunk);
    at += chunk.length;
  }
  return chunks;
}

describe('boundaries are found', () => {
  const { bytes, ends } = stream(LENGTHS.map((length) => aFrame(randomBytes(length))));
  for (const [name, sizes] of [
    ['at once', [bytes.length]],
    ['in chunks of a byte', [1]],
    ['in chunks of a few bytes', [1, 5, 2, 13, 3]],
    ['in chunks of any size', [100, 70_000, 3, 66_000, 1]],
  ] as const) {
    test(name, () => {
      const frames = frameBoundaries();
      let at = 0;
      assert.ok(frames.atBoundary);
      for (const chunk of chunksOf(bytes, sizes)) {
        const end = frames.follow(chunk);
        const expected = [...ends].find((each) => each > at && each <= at + chunk.length);
        assert.equal(end, expected === undefined ? undefined : expected - at);
        at += chunk.length;
        assert.equal(frames.atBoundary, ends.has(at), `at ${at}`);
      }
    });
  }

  test('within masked frames too', () => {
    const frames = frameBoundaries();
    const masked = aFrame(randomBytes(300), { masked: true });
    assert.equal(frames.follow(masked.subarray(0, 7)), undefined);
    assert.ok(!frames.atBoundary);
    assert.equal(frames.follow(Buffer.concat([masked.subarray(7), masked.subarray(0, 5)])), masked.length - 7);
    assert.ok(!frames.atBoundary);
  });
});

test('a close frame is seen, and no other frame is taken for one', () => {
  const frames = frameBoundaries();
  for (const opcode of [0x0, 0x1, 0x2, 0x9, 0xa]) frames.follow(aFrame(Buffer.from([0x88, 0x02]), { opcode }));
  assert.ok(!frames.closing);
  frames.follow(aFrame(Buffer.from([0x03, 0xe9]), { opcode: 0x8 }).subarray(0, 2));
  assert.ok(frames.closing);
});
