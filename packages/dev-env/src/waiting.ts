import { get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export type WaitOptions = {
  deadlineMs: number;
  everyMs?: number;
  signal?: AbortSignal | undefined;
};

/**
 * Polls until `holds` returns true; an exception counts as "not yet".
 * @throws when the deadline passes, naming `what` and the last exception, or when `signal` aborts
 */
export async function waitFor(
  what: string,
  holds: () => boolean | Promise<boolean>,
  { deadlineMs, everyMs = 25, signal }: WaitOptions,
): Promise<void> {
  const deadline = Date.now() + deadlineMs;
  let cause: unknown;
  while (Date.now() < deadline) {
    signal?.throwIfAborted();
    try {
      if (await holds()) return;
    } catch (error) {
      cause = error;
    }
    await sleep(everyMs, undefined, { signal });
  }
  throw new Error(`${what}: not within ${deadlineMs / 1000} s`, { cause });
}

/**
 * Whether the response to a GET on a new connection is a 200.
 * @throws when there is no response in time
 */
export function isOk(url: string, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: timeoutMs }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.on('timeout', () => request.destroy());
    request.on('error', reject);
  });
}

/**
 * Waits for all tasks to settle; when one fails, or `outer` aborts, the signal that they were given aborts.
 * @throws what failed first
 */
export async function allOrAbort(
  outer: AbortSignal | undefined,
  begin: (signal: AbortSignal) => Promise<unknown>[],
): Promise<void> {
  const failure = new AbortController();
  const signal = outer ? AbortSignal.any([outer, failure.signal]) : failure.signal;
  const tasks = begin(signal).map((task) => task.catch((error) => failure.abort(error)));
  await Promise.all(tasks);
  signal.throwIfAborted();
}
