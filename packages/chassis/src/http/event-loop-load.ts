import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Part } from '../part.ts';

const WINDOW_MS = 1_000;
/** In a row, so that one long pause, for the garbage collector or by the machine, does not count. */
const WINDOWS = 2;
const NS_PER_MS = 1_000_000;

export type EventLoopLoad = Part & { readonly overloaded: boolean };

/**
 * Whether the event loop is late: by more than `limitMs` on average of two windows in a row, until it is back below
 * half of that. The average is over turns of the loop, so it rises where all turns are long, not where one is.
 */
export function eventLoopLoad(limitMs: number): EventLoopLoad {
  const delays = monitorEventLoopDelay();
  let timer: NodeJS.Timeout | undefined;
  let before = { count: 0, sumNs: 0 };
  let windowsOver = 0;
  let overloaded = false;

  /** By difference: after a `reset` the histogram leaves the first turn out, which may be as long as the window. */
  function meanOfWindowMs(): number {
    const { count, mean } = delays;
    const now = { count, sumNs: count === 0 ? 0 : count * mean };
    const meanNs = (now.sumNs - before.sumNs) / (now.count - before.count);
    before = now;
    return meanNs / NS_PER_MS;
  }

  function look(): void {
    const meanMs = meanOfWindowMs();
    windowsOver = meanMs > limitMs ? windowsOver + 1 : 0;
    if (windowsOver >= WINDOWS) overloaded = true;
    else if (meanMs <= limitMs / 2) overloaded = false;
  }

  return {
    name: 'event loop load',
    start() {
      delays.enable();
      timer = setInterval(look, WINDOW_MS).unref();
    },
    stop() {
      clearInterval(timer);
      delays.disable();
    },
    get overloaded() {
      return overloaded;
    },
  };
}
