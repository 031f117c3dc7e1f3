import { useEffect, useState } from 'react';

/** Counts down from `seconds`, anew with each `cause`. 0 where there is nothing to wait for. */
export function useSecondsLeft(seconds: number | undefined, cause: unknown): number {
  const [left, setLeft] = useState(seconds ?? 0);
  // biome-ignore lint/correctness/useExhaustiveDependencies: a second error may ask for as many seconds as the first
  useEffect(() => {
    setLeft(seconds ?? 0);
    if (seconds === undefined) return;
    const timer = setInterval(() => setLeft((now) => Math.max(0, now - 1)), 1_000);
    return () => clearInterval(timer);
  }, [seconds, cause]);
  return left;
}
