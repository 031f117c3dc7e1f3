export type DecoderLimits = {
  /** Images decoded at once. */
  concurrency: number;
  /** Bytes of pixels decoded at once. */
  memoryBytes: number;
  /** Images that may wait for their turn. */
  waiting: number;
};

/** A bulkhead for decoding: bounded in images and in memory, with a bounded queue before it. */
export function createDecoderLimits({ concurrency, memoryBytes, waiting }: DecoderLimits, refuse: () => Error) {
  const queue: { memory: number; begin: () => void }[] = [];
  let decoding = 0;
  let used = 0;

  const fits = (memory: number) => decoding < concurrency && used + memory <= memoryBytes;

  function beginNext(): void {
    for (let next = queue[0]; next && fits(next.memory); next = queue[0]) {
      queue.shift();
      decoding += 1;
      used += next.memory;
      next.begin();
    }
  }

  return {
    /** Does the work in its turn. `memory` must not be more than there is. */
    async during<Result>(memory: number, work: () => Promise<Result>): Promise<Result> {
      const mustWait = queue.length > 0 || !fits(memory);
      if (mustWait && queue.length >= waiting) throw refuse();
      await new Promise<void>((begin) => {
        queue.push({ memory, begin });
        beginNext();
      });
      try {
        return await work();
      } finally {
        decoding -= 1;
        used -= memory;
        beginNext();
      }
    },
  };
}
