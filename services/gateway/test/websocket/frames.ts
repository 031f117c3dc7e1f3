import { randomBytes } from 'node:crypto';

export type Frame = { opcode: number; payload: Buffer };

export const TEXT = 0x1;
export const CLOSE = 0x8;

/** One whole frame (RFC 6455, section 5.2). */
export function aFrame(payload: Buffer, { opcode = TEXT, masked = false } = {}): Buffer {
  const { length } = payload;
  const size = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const header = Buffer.alloc(2 + size);
  header.writeUInt8(0x80 | opcode, 0);
  header.writeUInt8((masked ? 0x80 : 0) | (size === 0 ? length : size === 2 ? 126 : 127), 1);
  if (size > 0) header.writeUIntBE(length, 2 + Math.max(size - 6, 0), Math.min(size, 6));
  if (!masked) return Buffer.concat([header, payload]);
  const mask = randomBytes(4);
  return Buffer.concat([header, mask, payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
}

export function aCloseFrame(code: number): Buffer {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return aFrame(payload, { opcode: CLOSE });
}

/** The frames of a stream, and the bytes of one that is not whole. */
export function framesOf(bytes: Buffer): { frames: Frame[]; rest: Buffer } {
  const frames: Frame[] = [];
  let at = 0;
  for (;;) {
    const size = sizeOf(bytes.subarray(at));
    if (size === undefined || at + size.header + size.payload > bytes.length) break;
    const begin = at + size.header;
    const payload = bytes.subarray(begin, begin + size.payload);
    frames.push({ opcode: bytes.readUInt8(at) & 0x0f, payload: unmasked(payload, size.mask) });
    at = begin + size.payload;
  }
  return { frames, rest: bytes.subarray(at) };
}

type Size = { header: number; payload: number; mask: Buffer | undefined };

function sizeOf(bytes: Buffer): Size | undefined {
  if (bytes.length < 2) return undefined;
  const second = bytes.readUInt8(1);
  const length = second & 0x7f;
  const extended = length === 127 ? 8 : length === 126 ? 2 : 0;
  const header = 2 + extended + (second & 0x80 ? 4 : 0);
  if (bytes.length < header) return undefined;
  const payload = extended === 0 ? length : extended === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  return { header, payload, mask: second & 0x80 ? bytes.subarray(header - 4, header) : undefined };
}

const unmasked = (payload: Buffer, mask: Buffer | undefined) =>
  mask === undefined ? payload : Buffer.from(payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0)));

export const codeOf = ({ payload }: Frame): number => payload.readUInt16BE(0);
