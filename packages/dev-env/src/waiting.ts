import { get, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
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
export async function isOk(url: string, timeoutMs: number): Promise<boolean> {
  const response = await ask(url, timeoutMs);
  response.resume();
  return response.statusCode === 200;
}

/**
 * Whether the service at this URL is ready and waits for nothing: its events flow.
 * @throws when there is no response in time
 */
export async function isSettled(url: string, timeoutMs: number): Promise<boolean> {
  const response = await ask(`${url}/readyz`, timeoutMs);
  const { checks } = (await json(response)) as { checks: { status: string }[] };
  return response.statusCode === 200 && checks.every(({ status }) => status === 'ok');
}

function ask(url: string, timeoutMs: number): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = get(url, { agent: false, timeout: timeoutMs }, resolve);
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
