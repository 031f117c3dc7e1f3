import type { Contender } from './measurement.ts';
import { type Load, runWrk } from './wrk.ts';

type Requests = Omit<Load, 'url' | 'seconds'>;

/** Whoever answers at `url`, under the load of wrk. */
export const underRequests =
  (wrk: string, load: Requests) =>
  (name: string, url: string): Contender => ({
    name,
    measure: (seconds) => runWrk(wrk, { ...load, url, seconds }),
  });

/**
 * Asks once before anything is measured.
 * @throws Error where the answer is not of that status and, where given, that length in bytes
 */
export async function expectAnswer(
  url: string,
  request: RequestInit,
  expected: { status: number; bytes?: number },
): Promise<string> {
  const answer = await fetch(url, request);
  const text = await answer.text();
  const bytes = Buffer.byteLength(text);
  if (answer.status !== expected.status || (expected.bytes ?? bytes) !== bytes) {
    throw new Error(
      `${request.method ?? 'GET'} ${url} answered ${answer.status} with ${bytes} bytes: ${text.slice(0, 200)}`,
    );
  }
  return text;
}
