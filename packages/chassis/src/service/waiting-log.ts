import type { Health } from '../observability/health.ts';
import type { Logger } from '../observability/log.ts';
import type { Part } from '../part.ts';

const LOOK_MS = 1_000;
/** What waits for less, in ms, as at each start, is no news. */
const NEWS_AFTER_MS = 10_000;

type Waiting = { since: number; toldAs?: string };

/** Logs what waits for long, why, and when that ends. Probes show the same, but not everywhere is something that asks. */
export function waitingLog(health: Health, log: Logger): Part {
  const all = new Map<string, Waiting>();
  let timer: NodeJS.Timeout | undefined;

  function look(): void {
    const now = performance.now();
    const found = health.waiting();
    for (const { name: check, detail = '' } of found) {
      const waiting = all.get(check) ?? { since: now };
      all.set(check, waiting);
      if (now - waiting.since < NEWS_AFTER_MS || waiting.toldAs === detail) continue;
      waiting.toldAs = detail;
      log.warn({ check, detail }, 'waiting');
    }
    for (const [check, { since, toldAs }] of all) {
      if (found.some(({ name }) => name === check)) continue;
      all.delete(check);
      if (toldAs !== undefined) log.info({ check, waited_s: Math.round((now - since) / 1_000) }, 'no longer waiting');
    }
  }

  return {
    name: 'waiting log',
    start: () => {
      timer = setInterval(look, LOOK_MS).unref();
    },
    stop: () => clearInterval(timer),
  };
}
