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
