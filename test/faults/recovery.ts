import { setTimeout as sleep } from 'node:timers/promises';

/** @throws where the system does not do all that it should, and when `signal` aborts */
export type Canary = (signal: AbortSignal) => Promise<void>;

export type RecoveryOptions = {
  /** Between the starts of two canaries, in ms: what the time of recovery is exact to. */
  everyMs: number;
  /** What a canary gets, in ms. */
  limitMs: number;
  /** How many may be under way at a time. */
  atOnce: number;
  deadlineMs: number;
  signal?: AbortSignal | undefined;
};

/** Milliseconds until the first success; undefined at the deadline, with what the last failure was. */
export type Recovery = { ms: number | undefined; lastFailure: string | undefined };

/** Sends canaries at intervals, not waiting for one another as long as they are few, until the first is through. */
export async function untilRecovered(canary: Canary, options: RecoveryOptions): Promise<Recovery> {
  const begun = performance.now();
  const done = new AbortController();
  const stop = AbortSignal.any([done.signal, ...(options.signal ? [options.signal] : [])]);
  let ms: number | undefined;
  let lastFailure: string | undefined;

  let underWay = 0;

  async function send(): Promise<void> {
    underWay += 1;
    try {
      await canary(AbortSignal.any([stop, AbortSignal.timeout(options.limitMs)]));
      ms ??= Math.round(performance.now() - begun);
      done.abort();
    } catch (error) {
      if (!stop.aborted) lastFailure = (error as Error).message;
    } finally {
      underWay -= 1;
    }
  }

  const sent: Promise<void>[] = [];
  while (!stop.aborted && performance.now() - begun < options.deadlineMs) {
    if (underWay < options.atOnce) sent.push(send());
    await sleep(options.everyMs, undefined, { signal: stop }).catch(() => {});
  }
  await Promise.all(sent);
  options.signal?.throwIfAborted();
  return { ms, lastFailure };
}
