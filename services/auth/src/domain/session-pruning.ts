import type { Logger } from '@wave-connect/chassis/observability';
import type { Part } from '@wave-connect/chassis/service';
import type { Store } from '../repository/store.ts';

const EVERY_MS = 10_000;
/** Rows of one statement. */
const BATCH = 1_000;

/** Ends sessions that have expired, and forgets revocations that concern no valid token any more. */
export function createSessionPruning(store: Pick<Store, 'revocations' | 'transaction'>, log: Logger): Part {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let stopping = false;

  async function untilFew(prune: () => Promise<number>): Promise<void> {
    while (!stopping && (await prune()) === BATCH);
  }

  async function prune(): Promise<void> {
    try {
      await untilFew(async () => (await store.transaction(({ sessions }) => sessions.revokeExpired(BATCH))).length);
      await untilFew(() => store.revocations.prune(BATCH));
    } catch (error) {
      log.warn({ err: error }, 'expired sessions stay for now');
    }
  }

  return {
    name: 'session pruning',
    start() {
      timer = setInterval(() => {
        running ??= prune().finally(() => {
          running = undefined;
        });
      }, EVERY_MS).unref();
    },
    async stop() {
      stopping = true;
      clearInterval(timer);
      await running;
    },
  };
}
