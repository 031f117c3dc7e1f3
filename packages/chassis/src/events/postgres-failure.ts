import { isTransient } from '../database/transient.ts';

/** SQLSTATEs of what a new process would lack too: its database, its rights. */
const UNMET = new Set<unknown>(['3D000', '42501']);

/** Why the queue fails, for probes: a server's message may name its host, so its code has to do. */
export function describeQueueFailure(error: unknown): string {
  if (isTransient(error)) return 'the event queue does not answer';
  const code = codeOf(error);
  return typeof code === 'string' ? `the event queue fails with ${code}` : 'the event queue fails';
}

/** Whether a new process may find the queue in order. */
export const mayHelpToRestart = (error: unknown): boolean => !isTransient(error) && !UNMET.has(codeOf(error));

const codeOf = (error: unknown): unknown => (error as { code?: unknown }).code;
