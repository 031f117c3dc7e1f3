/** The attempts at events that are going on, and for how long. */
export type Attempts = {
  during<T>(work: () => Promise<T>): Promise<T>;
  /** Age in ms of the oldest one; 0 where there is none. */
  longestMs(): number;
};

export function createAttempts(): Attempts {
  const begun = new Set<{ at: number }>();
  return {
    async during(work) {
      const attempt = { at: performance.now() };
      begun.add(attempt);
      try {
        return await work();
      } finally {
        begun.delete(attempt);
      }
    },
    longestMs: () => Math.max(0, ...[...begun].map(({ at }) => performance.now() - at)),
  };
}
