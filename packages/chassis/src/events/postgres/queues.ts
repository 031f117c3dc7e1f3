import type { PgBoss } from 'pg-boss';
import { isTransient } from '../../database/transient.ts';
import type { Event } from '../event.ts';

/** Handled events are kept for a look back. */
const KEEP_HANDLED_S = 3_600;

const QUEUE = {
  policy: 'key_strict_fifo',
  notify: true,
  retryLimit: 1_000_000,
  retryDelay: 1,
  expireInSeconds: 300,
  deleteAfterSeconds: KEEP_HANDLED_S,
} as const;

/** SQLSTATEs of what a new process would lack too: its database, its rights. */
const UNMET = new Set<unknown>(['3D000', '42501']);

export type Job = { event: Event };

/**
 * Makes the queue where it is not there yet, and has it get the topic's events; those that no member takes end after
 * `retentionSeconds`. Returns its name.
 */
export async function declareQueue(
  boss: PgBoss,
  topic: string,
  group: string,
  retentionSeconds: number,
): Promise<string> {
  const name = `${topic}/${group}`;
  await boss.createQueue(name, { ...QUEUE, retentionSeconds });
  await boss.subscribe(topic, name);
  return name;
}

/** Why the queue fails, for probes: a server's message may name its host, so its code has to do. */
export function describeQueueFailure(error: unknown): string {
  if (isTransient(error)) return 'the event queue does not respond';
  const code = codeOf(error);
  return typeof code === 'string' ? `the event queue fails with ${code}` : 'the event queue fails';
}

/** Whether a new process may find the queue in order. */
export const mayHelpToRestart = (error: unknown): boolean => !isTransient(error) && !UNMET.has(codeOf(error));

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;
