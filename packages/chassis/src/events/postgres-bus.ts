import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { PgBoss } from 'pg-boss';
import { UnavailableError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { Consumer, EventBus, Subscription } from './bus.ts';
import type { Event } from './event.ts';
import { deadLetterTopic, type Topic } from './topics.ts';

const SCHEMA = 'events';
const POOL_SIZE = 4;
const RETRY_START_MS = 1_000;
const BATCH = 20;
/** Seconds between looks at the queue, without and with notifications. */
const POLL_S = 0.5;
const NOTIFIED_POLL_S = 2;
/** Handled events are kept for a look back; events that nobody takes end after as long as Kafka would keep them. */
const KEEP_HANDLED_S = 3_600;
const RETENTION_S = 7 * 24 * 3_600;
const EPHEMERAL_RETENTION_S = 60;
const STOP_TIMEOUT_MS = 10_000;

const QUEUE = {
  policy: 'key_strict_fifo',
  notify: true,
  retryLimit: 1_000_000,
  retryDelay: 1,
  expireInSeconds: 300,
  deleteAfterSeconds: KEEP_HANDLED_S,
} as const;

type Job = { event: Event };

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
  });
  boss.on('error', (error) => log.warn({ err: error }, 'event queue error'));
  const stopping = new AbortController();
  let started = false;
  const whenStarted = Promise.withResolvers<void>();

  async function declareQueues(): Promise<void> {
    for (const topic of topics) {
      for (const group of topic.groups) await declareQueue(boss, topic.name, group, RETENTION_S);
    }
  }

  async function startWhenReachable(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await boss.start();
        await declareQueues();
        started = true;
        whenStarted.resolve();
        return;
      } catch (error) {
        log.warn({ err: error }, 'the event queue cannot be reached yet');
        await sleep(RETRY_START_MS, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  }

  async function publishJob(topic: string, job: Job): Promise<void> {
    if (!started) throw new UnavailableError('The event queue is not there yet.');
    await boss.publish(topic, job, { singletonKey: job.event.key });
  }

  return {
    async start() {
      void startWhenReachable();
    },
    async publish(events) {
      for (const event of events) await publishJob(event.type, { event });
    },
    publishDeadLetter: (event, reason) =>
      publishJob(deadLetterTopic(event.type), { event: { ...event, deadLetter: reason } }),
    subscribe: (subscription) =>
      createConsumer(boss, subscription, { clientId, log, whenStarted: whenStarted.promise }),
    async stop() {
      stopping.abort();
      // Also where it has only begun to start.
      await boss.stop({ graceful: true, timeout: STOP_TIMEOUT_MS });
    },
  };
}

const queueName = (topic: string, group: string) => `${topic}/${group}`;

async function declareQueue(boss: PgBoss, topic: string, group: string, retentionSeconds: number): Promise<string> {
  const name = queueName(topic, group);
  await boss.createQueue(name, { ...QUEUE, retentionSeconds });
  await boss.subscribe(topic, name);
  return name;
}

function createConsumer(
  boss: PgBoss,
  { topics, group, ephemeral, handler }: Subscription,
  { clientId, log, whenStarted }: { clientId: string; log: Logger; whenStarted: Promise<void> },
): Consumer {
  const member = ephemeral ? `${group}.${clientId}` : group;
  const queues: string[] = [];
  const stopping = new AbortController();

  async function join(): Promise<void> {
    for (const topic of topics.slice(queues.length)) {
      const queue = await declareQueue(boss, topic, member, ephemeral ? EPHEMERAL_RETENTION_S : RETENTION_S);
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
          const results = await handleInOrder(jobs, handler);
          // What follows an event with the same key may be taken only now: look again at once.
          boss.notifyWorker(worker);
          return results;
        },
      );
      queues.push(queue);
    }
    log.info({ group, topics }, 'consuming');
  }

  async function joinWhenReachable(): Promise<void> {
    await Promise.race([whenStarted, once(stopping.signal, 'abort')]);
    while (!stopping.signal.aborted) {
      try {
        return await join();
      } catch (error) {
        log.warn({ err: error, group }, 'cannot consume yet');
        await sleep(RETRY_START_MS, undefined, { signal: stopping.signal }).catch(() => {});
      }
    }
  }

  const joined = joinWhenReachable();
  return {
    isRunning: () => queues.length === topics.length,
    assertAlive() {},
    async stop() {
      stopping.abort();
      await joined;
      for (const queue of queues.splice(0)) {
        await boss.offWork(queue, { wait: true });
        if (ephemeral) await boss.deleteQueue(queue);
      }
    },
  };
}

async function handleInOrder(jobs: { id: string; data: Job }[], handler: Subscription['handler']) {
  const results: { id: string; status: 'completed' | 'failed'; output?: object }[] = [];
  for (const job of jobs) {
    try {
      await handler(job.data.event);
      results.push({ id: job.id, status: 'completed' });
    } catch (error) {
      results.push({ id: job.id, status: 'failed', output: { message: String(error) } });
    }
  }
  return results;
}
