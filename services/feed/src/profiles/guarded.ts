import type { Logger, Metrics } from '@wave-connect/chassis/observability';
import { ConsecutiveBreaker, circuitBreaker, handleAll, isBrokenCircuitError } from 'cockatiel';
import type { VersionedAuthor } from '../repository/authors.ts';

/** Calls in a row without an answer after which no more are made, and ms until one tries again. */
const FAILURES = 5;
const PAUSE_MS = 5_000;

export type AskProfiles = (ids: string[]) => Promise<VersionedAuthor[]>;

/** The answers of `ask`, or undefined where there is none; then, for a while, without waiting for one. */
export function guarded(
  ask: AskProfiles,
  { log, metrics }: { log: Logger; metrics: Metrics },
): (ids: string[]) => Promise<VersionedAuthor[] | undefined> {
  const calls = metrics.counter('author_lookups_total', 'Calls for authors that no event has told of.', ['outcome']);
  const circuit = circuitBreaker(handleAll, {
    halfOpenAfter: PAUSE_MS,
    breaker: new ConsecutiveBreaker(FAILURES),
  });
  circuit.onBreak(() => log.warn('the profile service does not answer: pages go without the authors not known yet'));
  circuit.onReset(() => log.info('the profile service answers again'));

  return async (ids) => {
    try {
      const authors = await circuit.execute(() => ask(ids));
      calls.inc({ outcome: 'answered' });
      return authors;
    } catch (error) {
      const kept = isBrokenCircuitError(error);
      calls.inc({ outcome: kept ? 'not_asked' : 'failed' });
      if (!kept) log.debug({ err: error }, 'the profile service did not answer');
      return undefined;
    }
  };
}
