import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { type ConstructorOptions, PgBoss } from 'pg-boss';
import type { Secret } from '../../config/secret.ts';
import { createLogins } from '../../database/rotating-pool.ts';
import { UnavailableError } from '../../errors.ts';
import type { Logger } from '../../observability/log.ts';
import type { EventBus } from '../bus.ts';
import type { Topic } from '../topics.ts';
import { createPostgresConsumer } from './consumer.ts';
import { declareQueue, describeQueueFailure, type Job } from './queues.ts';

const SCHEMA = 'events';
const POOL_SIZE = 4;
/** Longer than any statement of the queue takes; a server that is silent for so long does not respond. */
const QUERY_TIMEOUT_MS = 30_000;
/** Handed on to node-postgres. */
const CONNECTION = { query_timeout: QUERY_TIMEOUT_MS, keepAlive: true };
const RETRY_START_MS = 1_000;
const STOP_TIMEOUT_MS = 10_000;

/** The event bus on Postgres, by pg-boss: for one machine and for fast tests. A queue per topic and group. */
export function createPostgresBus(
  url: Secret,
  options: { topics: readonly Topic[]; clientId: string; log: Logger },
): EventBus {
  const { topics, clientId, log } = options;
  const boss = new PgBoss({
    ...queueConnection(url, log),
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
  let publishFailure: unknown;
  const whenStarted = Promise.withResolvers<void>();

  async function declareQueues(): Promise<void> {
    for (const topic of topics) {
      for (const group of topic.groups) await declareQueue(boss, topic.name, group, retentionSecondsOf(topic));
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
        log[startFailure === undefined ? 'warn' : 'debug']({ err: error }, 'the event queue cannot be reached yet');
        startFailure = error;
        await sleep(RETRY_START_MS, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  }

  async function publishJob(job: Job): Promise<void> {
    if (!started) throw new UnavailableError('The event queue is not there yet.');
    try {
      await boss.publish(job.event.type, job, { singletonKey: job.event.key });
      publishFailure = undefined;
    } catch (error) {
      publishFailure = error;
      throw error;
    }
  }

  function whyWaiting(): string | undefined {
    const failure = startFailure ?? publishFailure;
    if (failure !== undefined) return describeQueueFailure(failure);
    return started ? undefined : 'it is opening the event queue';
  }

  return {
    async start() {
      void startWhenReachable();
    },
    openPublisher: () => ({ waiting: whyWaiting }),
    async publish(events) {
      for (const event of events) await publishJob({ event });
    },
    subscribe: (subscription) =>
      createPostgresConsumer(boss, subscription, {
        clientId,
        log,
        whenStarted: whenStarted.promise,
        startFailure: () => startFailure,
        retentionSeconds: (name) => retentionSecondsOf(topics.find((topic) => topic.name === name)),
      }),
    async stop() {
      stopping.abort();
      // Also where it has only begun to start.
      await boss.stop({ graceful: true, timeout: STOP_TIMEOUT_MS });
    },
  };
}

/** As long as Kafka keeps them unless told otherwise. */
const DEFAULT_RETENTION_MS = 7 * 24 * 3_600_000;

const retentionSecondsOf = (topic: Topic | undefined) => (topic?.retention?.ms ?? DEFAULT_RETENTION_MS) / 1_000;

/**
 * Has pg-boss open its connections with the URL of the moment. It hands its options on to node-postgres: its pool makes
 * clients of the `Client` given, and the one connection that listens asks for its password alone.
 */
function queueConnection(url: Secret, log: Logger): ConstructorOptions {
  url.onProblem((problem) => log.error({ problem }, 'the URL of the event queue cannot be read again'));
  const { host, port, user, database, ssl } = new pg.Client({ connectionString: url.value() });
  const password = () => decodeURIComponent(new URL(url.value()).password);
  return { host, port, user, database, ssl, password, Client: createLogins(url).Client } as object;
}
