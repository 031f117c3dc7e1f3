import { createCircuitBreaker } from '@wave-connect/chassis/circuit-breaker';
import type { Logger, Metrics } from '@wave-connect/chassis/observability';
import type { VersionedAuthor } from '../repository/authors.ts';

const FAILURES = 5;
const RESET_MS = 5_000;

type LookUpAuthors = (ids: string[]) => Promise<VersionedAuthor[]>;

/** What `lookUp` finds, or undefined where it fails; then, while the circuit breaker is open, at once. */
export function withCircuitBreaker(
  lookUp: LookUpAuthors,
  { log, metrics }: { log: Logger; metrics: Metrics },
): (ids: string[]) => Promise<VersionedAuthor[] | undefined> {
  const calls = metrics.counter('author_lookups_total', 'Calls for authors that no event has told of.', ['outcome']);
  const breaker = createCircuitBreaker({ failures: FAILURES, resetMs: RESET_MS }, (state) => {
    if (state === 'open') log.warn('the circuit breaker of profile is open: pages go without authors not known yet');
    else log.info('the circuit breaker of profile is closed again');
  });

  return async (ids) => {
    if (!breaker.tryAcquire()) {
      calls.inc({ outcome: 'not_asked' });
      return undefined;
    }
    try {
      const authors = await lookUp(ids);
      breaker.succeeded();
      calls.inc({ outcome: 'responded' });
      return authors;
    } catch (error) {
      breaker.failed();
      calls.inc({ outcome: 'failed' });
      log.debug({ err: error }, 'the profile service did not respond');
      return undefined;
    }
  };
}
