import { UnavailableError } from '@wave-connect/chassis/errors.ts';

export type CircuitConfig = {
  /** Requests in a row without an answer after which no more are sent. */
  failures: number;
  /** Time in ms until one request may try again. */
  pauseMs: number;
};

/** Whether a service is worth asking. Whoever has entered says how it went, by one of the other three. */
export type Circuit = {
  /** @throws UnavailableError while it is open, but for one request at a time that tries again after each pause */
  enter(): void;
  answered(): void;
  failed(): void;
  /** For a client that has left: it is not known how it would have gone. */
  abandoned(): void;
  readonly open: boolean;
};

export function createCircuit({ failures, pauseMs }: CircuitConfig, onChange: (open: boolean) => void): Circuit {
  let inARow = 0;
  let openedAt: number | undefined;
  let trying = false;

  return {
    enter() {
      if (openedAt === undefined) return;
      if (trying || performance.now() - openedAt < pauseMs) {
        throw new UnavailableError('The service behind this path does not answer right now; please try again.');
      }
      trying = true;
    },
    answered() {
      inARow = 0;
      if (openedAt === undefined) return;
      openedAt = undefined;
      trying = false;
      onChange(false);
    },
    failed() {
      inARow += 1;
      if (inARow < failures) return;
      const wasClosed = openedAt === undefined;
      openedAt = performance.now();
      trying = false;
      if (wasClosed) onChange(true);
    },
    abandoned() {
      trying = false;
    },
    get open() {
      return openedAt !== undefined;
    },
  };
}
