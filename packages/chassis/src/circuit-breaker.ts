export type CircuitBreakerConfig = {
  /** Failures in a row that open it. */
  failures: number;
  /** Time in ms that it stays open before it lets one call through as a trial. */
  resetMs: number;
};

/** `closed`: calls pass. `open`: none does. `half-open`: one has passed as a trial, and its outcome decides. */
export type CircuitState = 'closed' | 'open' | 'half-open';

/** Keeps calls from a dependency that keeps failing. Each call that it lets pass reports its outcome. */
export type CircuitBreaker = {
  readonly state: CircuitState;
  /** Whether a call may be made. Calls during a trial do not wait for its outcome: they may not. */
  tryAcquire(): boolean;
  succeeded(): void;
  failed(): void;
  /** The outcome is not known, as when a client leaves before the response. It counts neither way. */
  abandoned(): void;
};

/** Tells `onChange` when it opens and when it closes again, not of the trials between. */
export function createCircuitBreaker(
  { failures, resetMs }: CircuitBreakerConfig,
  onChange: (state: 'open' | 'closed') => void = () => {},
): CircuitBreaker {
  let state: CircuitState = 'closed';
  let failuresInARow = 0;
  let openedAt = 0;

  return {
    get state() {
      return state;
    },
    tryAcquire() {
      if (state === 'closed') return true;
      if (state === 'half-open' || performance.now() - openedAt < resetMs) return false;
      state = 'half-open';
      return true;
    },
    succeeded() {
      failuresInARow = 0;
      if (state === 'closed') return;
      state = 'closed';
      onChange('closed');
    },
    failed() {
      failuresInARow += 1;
      if (failuresInARow < failures) return;
      const wasClosed = state === 'closed';
      state = 'open';
      openedAt = performance.now();
      if (wasClosed) onChange('open');
    },
    abandoned() {
      if (state === 'half-open') state = 'open';
    },
  };
}
