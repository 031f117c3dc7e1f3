import { setTimeout as sleep } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';
import { UnavailableError } from '../errors.ts';
import type { Logger } from '../observability/log.ts';
import type { EventBus } from './bus.ts';
import { createPostgresConsumer } from './postgres-consumer.ts';
import { declareQueue, type Job } from './postgres-queues.ts';
import type { Topic } from './topics.ts';

const SCHEMA = 'events';
const POOL_SIZE = 4;
/** Longer than any statement of the queue takes; a server that is silent for so long does not answer. */
const QUERY_TIMEOUT_MS = 30_000;
/** Handed on to node-postgres. */
const CONNECTION = { query_timeout: QUERY_TIMEOUT_MS, keepAlive: true };
const RETRY_START_MS = 1_000;
const STOP_TIMEOUT_MS = 10_000;

/** The event bus on Postgres, by pg-boss: for one machine and for fast tests. A queue per topic and group. */
export function createPostgresBus(
  url: string,
  options: { topics: readonly Topic[]; clientId: string; log: Logger },
): EventBus {
  const { topics, clientId, log } = options;
  const boss = new PgBoss({
    connectionString: url,
    schema: SCHEMA,
    max: POOL_SIZE,
    application_name: clientId,
    useListenNotify: true,
    ...CONNECTION,
  });
  boss.on('error', (error) => log.warn({ err: error }, 'event queue error'));
  const stopping = new AbortController();
  let started = false;
  let startFailure: unknown;
  const whenStarted = Promise.withResolvers<void>();

  async function declareQueues(): Promise<void> {
    for (const topic of topics) {
      for (const group of topic.groups) await declareQueue(boss, topic.name, group);
    }
  }

  async function startWhenReachable(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await boss.start();
        await declareQueues();
        started = true;
        startFailure = undefined;
        whenStarted.resolve();
        return;
      } catch (error) {
        startFailure = error;
        log.warn({ err: error }, 'the event queue cannot be reached yet');
        await sleep(RETRY_START_MS, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  }

  return {
    async start() {
      void startWhenReachable();
    },
    async publish(events) {
      if (!started) throw new UnavailableError('The event queue is not there yet.');
      for (const event of events) {
        const job: Job = { event };
        await boss.publish(event.type, job, { singletonKey: event.key });
      }
    },
    subscribe: (subscription) =>
      createPostgresConsumer(boss, subscription, {
        clientId,
        log,
        whenStarted: whenStarted.promise,
        startFailure: () => startFailure,
      }),
    async stop() {
      stopping.abort();
      // Also where it has only begun to start.
      await boss.stop({ graceful: true, timeout: STOP_TIMEOUT_MS });
    },
  };
}
