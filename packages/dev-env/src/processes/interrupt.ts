import { hurryWatchdog } from './watchdog.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** make and npm pass a Ctrl-C on that the terminal has sent to all of them anyway. */
const SAME_KEYSTROKE_MS = 300;

/**
 * Aborts on the first signal that asks this process to end, or when its output is closed.
 * A second signal ends it at once, and the watchdog kills what it has started.
 */
export function onInterrupt(first: () => void): AbortSignal {
  const controller = new AbortController();
  let firstAt = 0;
  const interrupt = () => {
    if (!controller.signal.aborted) {
      firstAt = performance.now();
      first();
      controller.abort();
    } else if (performance.now() - firstAt > SAME_KEYSTROKE_MS) {
      hurryWatchdog();
      process.exit(1);
    }
  };
  for (const signal of SIGNALS) process.on(signal, interrupt);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => controller.abort());
  return controller.signal;
}
