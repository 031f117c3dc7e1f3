import { setTimeout as sleep } from 'node:timers/promises';

export type WaitOptions = {
  deadlineMs: number;
  everyMs?: number;
  signal?: AbortSignal | undefined;
};

/**
 * Asks until the answer is true; an exception counts as "not yet".
 * @throws when the deadline passes, naming `what` and the last exception, or when `signal` aborts
 */
export async function waitFor(
  what: string,
  ask: () => boolean | Promise<boolean>,
  { deadlineMs, everyMs = 25, signal }: WaitOptions,
): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  let cause: unknown;
  while (Date.now() < deadline) {
    signal?.throwIfAborted();
    try {
      if (await ask()) return;
    } catch (error) {
      cause = error;
    }
    await sleep(everyMs, undefined, { signal });
  }
  throw new Error(`${what}: not within ${deadlineMs / 1000} s`, { cause });
}
