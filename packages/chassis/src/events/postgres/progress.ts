import type { PgBoss, WipData } from 'pg-boss';
import { isTransient } from '../../database/transient.ts';
import type { Consumer } from '../bus.ts';
import { describeQueueFailure, mayHelpToRestart } from './queues.ts';

/** How often, in ms, pg-boss is asked about its workers; longer than they pause between polls. */
const WATCH_MS = 5_000;
/** A worker that neither polls nor handles an event for so long, in ms, is stuck; its statements end well before. */
const STALL_MS = 60_000;

type Queue = {
  at: number;
  handling: number;
  fetchedOn?: number | null;
  errorOn?: number | null;
  error?: object | null;
};

class WorkerError extends Error {}

export type PostgresProgress = Pick<Consumer, 'waiting' | 'trouble' | 'stalledMs'> & {
  joined(queue: string): void;
  /** It cannot join; one that has joined and cannot poll is found out by itself. */
  failed(error: unknown): void;
  ofQueue(queue: string): { during<T>(work: () => Promise<T>): Promise<T> };
  /** Whether the latest polls went well. */
  isPolling(): boolean;
  stop(): void;
};

/**
 * What is known of a consumer's workers. Their own times are on the wall clock, so it goes by whether they change
 * and takes the ages from a monotonic one.
 */
export function createPostgresProgress(boss: PgBoss, startFailure: () => unknown): PostgresProgress {
  const begun = performance.now();
  const queues = new Map<string, Queue>();
  let joinFailure: unknown;
  let fault: { reason: string; since: number } | undefined;
  /** What the latest look has found. */
  let waiting: string | undefined;

  const age = (at: number) => performance.now() - at;
  const queueOf = (name: string): Queue => {
    const known = queues.get(name) ?? { at: performance.now(), handling: 0 };
    queues.set(name, known);
    return known;
  };

  /** @returns what the worker of the queue suffers from, if anything */
  function lookAt(queue: Queue, worker: WipData | undefined): unknown {
    if (worker === undefined) return new WorkerError('its worker has ended');
    const { lastFetchedOn: fetchedOn, lastErrorOn: errorOn, lastError } = worker;
    if (errorOn !== queue.errorOn && errorOn !== null) queue.error = lastError;
    else if (fetchedOn !== queue.fetchedOn) queue.error = null;
    if (fetchedOn !== queue.fetchedOn) queue.at = performance.now();
    Object.assign(queue, { fetchedOn, errorOn });
    if (queue.error) return queue.error;
    return queue.handling === 0 && age(queue.at) > STALL_MS ? new WorkerError('it makes no progress') : undefined;
  }

  function findFailure(): unknown {
    const failure = startFailure() ?? joinFailure;
    if (failure !== undefined) return failure;
    const workers = boss.getWipData();
    const failures = [...queues].map(([name, queue]) =>
      lookAt(
        queue,
        workers.find((worker) => worker.name === name),
      ),
    );
    return (
      failures.find((each) => each !== undefined && !isTransient(each)) ?? failures.find((each) => each !== undefined)
    );
  }

  function look(): void {
    const failure = findFailure();
    waiting = failure === undefined ? undefined : reasonOf(failure);
    if (waiting === undefined || !mayHelpToRestart(failure)) fault = undefined;
    else fault = { reason: waiting, since: fault?.since ?? performance.now() };
  }

  const watch = setInterval(look, WATCH_MS).unref();
  return {
    joined(queue) {
      joinFailure = undefined;
      queueOf(queue);
    },
    failed(error) {
      joinFailure = error;
      look();
    },
    ofQueue(name) {
      const queue = queueOf(name);
      return {
        async during(work) {
          queue.handling += 1;
          try {
            return await work();
          } finally {
            queue.handling -= 1;
            queue.at = performance.now();
          }
        },
      };
    },
    isPolling: () => waiting === undefined,
    waiting: () => waiting,
    trouble: () => fault && { reason: fault.reason, forMs: age(fault.since) },
    stalledMs: () => (queues.size === 0 ? age(begun) : Math.max(...[...queues.values()].map(({ at }) => age(at)))),
    stop: () => clearInterval(watch),
  };
}

const reasonOf = (failure: unknown): string =>
  failure instanceof WorkerError ? failure.message : describeQueueFailure(failure);
