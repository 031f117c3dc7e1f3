const CLOSE = 0x8;
/** Two bytes, 8 for the length and 4 for the mask. */
const LONGEST_HEADER = 14;

export type FrameBoundaries = {
  /** Between two frames, or before the first. */
  readonly atBoundary: boolean;
  /** Whether a close, the last of all frames, has begun. */
  readonly closing: boolean;
  /**
   * Follows the stream over `chunk`.
   * @returns where in it the first frame ends, undefined where none does
   */
  follow(chunk: Buffer): number | undefined;
};

/** Tells where the frames of a stream end (RFC 6455, section 5.2). It looks at their headers alone. */
export function frameBoundaries(): FrameBoundaries {
  const header = Buffer.alloc(LONGEST_HEADER);
  let headerBytes = 0;
  let payloadLeft: number | undefined;
  let closing = false;

  return {
    get atBoundary() {
      return headerBytes === 0;
    },
    get closing() {
      return closing;
    },
    follow(chunk) {
      let firstEnd: number | undefined;
      for (let at = 0; at < chunk.length; ) {
        if (payloadLeft === undefined) {
          header.writeUInt8(chunk.readUInt8(at), headerBytes);
          headerBytes += 1;
          at += 1;
          if (headerBytes < headerLength(header, headerBytes)) continue;
          payloadLeft = payloadLength(header);
          closing ||= (header.readUInt8(0) & 0x0f) === CLOSE;
        }
        const taken = Math.min(payloadLeft, chunk.length - at);
        at += taken;
        payloadLeft -= taken;
        if (payloadLeft > 0) continue;
        payloadLeft = undefined;
        headerBytes = 0;
        firstEnd ??= at;
      }
      return firstEnd;
    },
  };
}

/** Known once the second byte is there. */
function headerLength(header: Buffer, known: number): number {
  if (known < 2) return 2;
  const second = header.readUInt8(1);
  const length = second & 0x7f;
  return 2 + (length === 127 ? 8 : length === 126 ? 2 : 0) + (second & 0x80 ? 4 : 0);
}

function payloadLength(header: Buffer): number {
  const length = header.readUInt8(1) & 0x7f;
  if (length === 126) return header.readUInt16BE(2);
  return length === 127 ? Number(header.readBigUInt64BE(2)) : length;
}
