import type { PgBoss } from 'pg-boss';
import type { Event } from './event.ts';

/** Handled events are kept for a look back; events that nobody takes end after as long as Kafka would keep them. */
const KEEP_HANDLED_S = 3_600;
const RETENTION_S = 7 * 24 * 3_600;

const QUEUE = {
  policy: 'key_strict_fifo',
  notify: true,
  retryLimit: 1_000_000,
  retryDelay: 1,
  expireInSeconds: 300,
  deleteAfterSeconds: KEEP_HANDLED_S,
} as const;

export type Job = { event: Event };

const queueName = (topic: string, group: string) => `${topic}/${group}`;

/** Makes the queue where it is not there yet, and has it get the topic's events. Returns its name. */
export async function declareQueue(
  boss: PgBoss,
  topic: string,
  group: string,
  retentionSeconds: number = RETENTION_S,
): Promise<string> {
  const name = queueName(topic, group);
  await boss.createQueue(name, { ...QUEUE, retentionSeconds });
  await boss.subscribe(topic, name);
  return name;
}
