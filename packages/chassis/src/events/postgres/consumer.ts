import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PgBoss } from 'pg-boss';
import type { Logger } from '../../observability/log.ts';
import type { Consumer, Subscription } from '../bus.ts';
import { remember, toMessage } from '../event.ts';
import { createPostgresProgress, type PostgresProgress } from './progress.ts';
import { declareQueue, type Job } from './queues.ts';

const RETRY_JOIN_MS = 1_000;
const BATCH = 20;
/** Seconds between looks at the queue, without and with notifications. */
const POLL_S = 0.5;
const NOTIFIED_POLL_S = 2;
const EPHEMERAL_RETENTION_S = 60;

type Options = {
  clientId: string;
  log: Logger;
  whenStarted: Promise<void>;
  /** Why the bus has not started yet, if it has failed to. */
  startFailure: () => unknown;
  /** How long the events of a topic wait for a group. */
  retentionSeconds: (topic: string) => number;
};

/** A worker of pg-boss for each topic; it polls on after every failure. */
export function createPostgresConsumer(
  boss: PgBoss,
  { topics, group, ephemeral, handler }: Subscription,
  { clientId, log, whenStarted, startFailure, retentionSeconds }: Options,
): Consumer {
  const member = ephemeral ? `${group}.${clientId}` : group;
  const queues: string[] = [];
  const stopping = new AbortController();
  const progress = createPostgresProgress(boss, startFailure);

  async function join(): Promise<void> {
    for (const topic of topics.slice(queues.length)) {
      const queue = await declareQueue(
        boss,
        topic,
        member,
        ephemeral ? EPHEMERAL_RETENTION_S : retentionSeconds(topic),
      );
      let worker = '';
      worker = await boss.work<Job>(
        queue,
        {
          batchSize: BATCH,
          burstWhenBatchFull: true,
          pollingIntervalSeconds: POLL_S,
          notifyPollingIntervalSeconds: NOTIFIED_POLL_S,
          perJobResults: true,
        },
        async (jobs) => {
          const results = await handleInOrder(jobs, handler, progress.ofQueue(queue));
          // What follows an event with the same key may be taken only now: look again at once.
          boss.notifyWorker(worker);
          return results;
        },
      );
      queues.push(queue);
      progress.joined(queue);
    }
    log.info({ group, topics }, 'consuming');
  }

  async function joinWhenReachable(): Promise<void> {
    await Promise.race([whenStarted, once(stopping.signal, 'abort')]);
    while (!stopping.signal.aborted) {
      try {
        return await join();
      } catch (error) {
        log[progress.waiting() === undefined ? 'warn' : 'debug']({ err: error, group }, 'cannot consume yet');
        progress.failed(error);
        await sleep(RETRY_JOIN_MS, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  }

  const joined = joinWhenReachable();
  return {
    waiting: () => progress.waiting() ?? (queues.length < topics.length ? 'it is joining its queues' : undefined),
    trouble: progress.trouble,
    stalledMs: progress.stalledMs,
    isRunning: () => queues.length === topics.length && progress.isPolling(),
    async stop() {
      stopping.abort();
      await joined;
      progress.stop();
      for (const queue of queues.splice(0)) {
        await boss.offWork(queue, { wait: true });
        if (ephemeral) await boss.deleteQueue(queue);
      }
    },
  };
}

async function handleInOrder(
  jobs: { id: string; data: Job }[],
  handler: Subscription['handler'],
  progress: ReturnType<PostgresProgress['ofQueue']>,
) {
  const results: { id: string; status: 'completed' | 'failed'; output?: object }[] = [];
  for (const job of jobs) {
    try {
      const { event } = job.data;
      remember(event, { ...toMessage(event), place: job.id });
      await progress.during(() => handler(event));
      results.push({ id: job.id, status: 'completed' });
    } catch (error) {
      results.push({ id: job.id, status: 'failed', output: { message: String(error) } });
    }
  }
  return results;
}
