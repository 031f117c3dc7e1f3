import type { Logger } from './observability/log.ts';
import type { Part } from './part.ts';

type Pruning = {
  name: string;
  everyMs: number;
  /** Deletes at most that many rows, and returns how many. */
  pruneBatch: (most: number) => Promise<number>;
  /** What the log says where they cannot be deleted. */
  failure: string;
  log: Logger;
  /** Whether it begins at the start, and not only after `everyMs`. */
  atStart?: boolean;
  onPruned?: (rows: number) => void;
};

/** Rows of one statement, so that none holds its locks for long. */
const BATCH_ROWS = 1_000;

/** Deletes rows that are of no use any more, in batches, until few are left; a stop ends it between two batches. */
export function createPruning({ name, everyMs, pruneBatch, failure, log, atStart = false, onPruned }: Pruning): Part {
  let timer: NodeJS.Timeout | undefined;
  let running: Promise<void> | undefined;
  let stopping = false;

  async function prune(): Promise<void> {
    try {
      let rows = 0;
      for (let batch = BATCH_ROWS; batch === BATCH_ROWS && !stopping; rows += batch) {
        batch = await pruneBatch(BATCH_ROWS);
      }
      if (rows > 0) onPruned?.(rows);
    } catch (error) {
      log.warn({ err: error }, failure);
    }
  }

  function begin(): void {
    running ??= prune().finally(() => {
      running = undefined;
    });
  }

  return {
    name,
    start() {
      timer = setInterval(begin, everyMs).unref();
      if (atStart) begin();
    },
    async stop() {
      stopping = true;
      clearInterval(timer);
      await running;
    },
  };
}
