import type { Logger } from '@wave-connect/chassis/observability';
import type { Part } from '@wave-connect/chassis/service';
import type { Store, Tables } from '../repository/store.ts';
import { announce } from './sessions.ts';

const EVERY_MS = 10_000;
/** Rows of one statement. */
const BATCH = 1_000;

const endExpired = async ({ sessions, outbox }: Tables) => announce(outbox, await sessions.revokeExpired(BATCH));

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
      await untilFew(async () => (await store.transaction(endExpired)).length);
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
