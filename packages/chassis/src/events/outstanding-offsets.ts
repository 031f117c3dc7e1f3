import { ConflictError } from '../errors.ts';

/** What a broker stores beside a committed offset (offset.metadata.max.bytes, 4,096). */
const MAX_METADATA = 4_000;

/** The part of a partition that is outstanding: offsets from `next` to before `end`, without those in `done`. */
export type Outstanding = { partition: number; next: number; end: number; done: Set<number> };

/** `committed` is what the group has committed, if anything, and `low` and `high` what the partition holds. */
export function outstandingOf(
  committed: { offset: string; metadata: string | null } | undefined,
  { partition, low, high }: { partition: number; low: string; high: string },
): Outstanding {
  return {
    partition,
    next: Math.max(Number(low), Number(committed?.offset ?? -1)),
    end: Number(high),
    done: readRanges(committed?.metadata ?? ''),
  };
}

export const isOutstanding = ({ next, end, done }: Outstanding, offset: number): boolean =>
  offset >= next && offset < end && !done.has(offset);

/**
 * Marks offsets as done. Kafka commits one offset, up to which all is done; those beyond it go into its metadata.
 * @returns what to commit
 * @throws ConflictError when what is done is too scattered to be noted down; then nothing is marked
 */
export function markDone(outstanding: Outstanding, offsets: number[]): { offset: string; metadata: string } {
  const done = new Set([...outstanding.done, ...offsets]);
  let { next } = outstanding;
  while (done.delete(next)) next += 1;
  const metadata = writeRanges([...done].filter((offset) => offset > next));
  if (metadata.length > MAX_METADATA) {
    throw new ConflictError('too many letters have been picked out one by one: replay or discard the oldest ones');
  }
  Object.assign(outstanding, { next, done });
  return { offset: String(next), metadata };
}

/** `3-5,9` for 3, 4, 5 and 9. */
function writeRanges(offsets: number[]): string {
  const ranges: { from: number; to: number }[] = [];
  for (const offset of offsets.sort((a, b) => a - b)) {
    const last = ranges.at(-1);
    if (last?.to === offset - 1) last.to = offset;
    else ranges.push({ from: offset, to: offset });
  }
  return ranges.map(({ from, to }) => (from === to ? from : `${from}-${to}`)).join();
}

function readRanges(text: string): Set<number> {
  const offsets = new Set<number>();
  for (const [, from, to = from] of text.matchAll(/(\d+)(?:-(\d+))?/g)) {
    for (let offset = Number(from); offset <= Number(to); offset += 1) offsets.add(offset);
  }
  return offsets;
}
