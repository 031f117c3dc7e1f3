import { type JobWithMetadata, PgBoss } from 'pg-boss';
import type { Secret } from '../config/secret.ts';
import type { Logger } from '../observability/log.ts';
import type { DeadLetter, DeadLetterBox } from './dead-letters.ts';
import { SCHEMA } from './postgres-bus.ts';
import { queueConnection } from './postgres-connection.ts';
import { type Job, queueName } from './postgres-queues.ts';
import { deadLetterTopic, OPERATOR_GROUP } from './topics.ts';

const POOL_SIZE = 2;
const CONNECT_TIMEOUT_MS = 5_000;
const PAGE = 100;

/** The dead letters of the Postgres bus: a job that is still queued is outstanding, one that is done is completed. */
export function createPostgresDeadLetters(
  url: Secret,
  { clientId, log }: { clientId: string; log: Logger },
): DeadLetterBox {
  const boss = new PgBoss({
    ...queueConnection(url, log),
    schema: SCHEMA,
    max: POOL_SIZE,
    application_name: clientId,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    // The queues and their upkeep are the services' own.
    migrate: false,
    supervise: false,
    schedule: false,
    registerInstance: false,
  });
  boss.on('error', (error) => log.warn({ err: error }, 'event queue error'));
  return {
    async walk(topics, visit) {
      await boss.start();
      const { rows } = (await boss.getDb().executeSql('SELECT now() AS now')) as { rows: [{ now: Date }] };
      for (const topic of topics) await walkQueue(boss, topic, rows[0].now, visit);
    },
    async publish(letters) {
      for (const { topic, event } of letters) {
        const { deadLetter: _, ...asItCame } = event;
        await boss.publish(topic, { event: asItCame }, { singletonKey: event.key });
      }
    },
    close: () => boss.stop({ graceful: false }),
  };
}

async function walkQueue(boss: PgBoss, topic: string, until: Date, visit: Parameters<DeadLetterBox['walk']>[1]) {
  const queue = queueName(deadLetterTopic(topic), OPERATOR_GROUP);
  for (let after: string | undefined, more = true; more; ) {
    const jobs = await boss.findJobs<Job>(queue, { queued: true, limit: PAGE, ...(after !== undefined && { after }) });
    const there = jobs.filter(({ createdOn }) => createdOn <= until);
    const places = new Map(there.map((job) => [toLetter(topic, job), job.id]));
    const done = places.size > 0 ? await visit([...places.keys()]) : [];
    const ids = done.map((letter) => places.get(letter) as string);
    if (ids.length > 0) await boss.complete(queue, ids, null, { includeQueued: true });
    more = there.length === PAGE;
    after = there.at(-1)?.id;
  }
}

const toLetter = (topic: string, { id, data: { event } }: JobWithMetadata<Job>): DeadLetter => ({
  topic,
  id: event.id || `@${id}`,
  event,
});
