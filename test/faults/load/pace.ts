import { setTimeout as sleep } from 'node:timers/promises';

/** Hands out turns at a rate, in turns per second. Nobody makes up for turns that were not taken. */
export function createPace(rate: number) {
  const ended = new AbortController();
  let next = 0;
  let running = Promise.withResolvers<void>();
  running.resolve();

  return {
    /** Resolves when it is one's turn; false where there are no more. */
    async turn(): Promise<boolean> {
      await running.promise;
      const now = performance.now();
      next = Math.max(now, next + 1_000 / rate);
      await sleep(next - now, undefined, { signal: ended.signal }).catch(() => {});
      return !ended.signal.aborted;
    },
    setPaused(paused: boolean): void {
      running.resolve();
      if (paused) running = Promise.withResolvers<void>();
    },
    end(): void {
      ended.abort();
      running.resolve();
    },
  };
}
