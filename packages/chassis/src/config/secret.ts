import { readFileSync } from 'node:fs';

/** How often, in ms, a file is read at most. All files are due at the same moments. */
const READ_EVERY_MS = 1_000;

/**
 * A setting that may change while the process runs, so it is asked for its value at each use and not kept. `undefined`
 * is the value of one that is absent and may be.
 */
export type Secret<Value extends string | undefined = string> = {
  value(): Value;
  /** The last value before this one, for what may not have been told of the new one yet. */
  previous(): string | undefined;
  /** Hears of a file that cannot be used, once for each time that it begins. */
  onProblem(report: (problem: string) => void): void;
};

export const constantSecret = <Value extends string | undefined>(value: Value): Secret<Value> => ({
  value: () => value,
  previous: () => undefined,
  onProblem() {},
});

/**
 * A secret that `read` finds on disk, and that keeps its last value while `read` throws.
 * @throws what `read` throws at first
 */
export function secretOnDisk<Value extends string | undefined>(read: () => Value): Secret<Value> {
  const reports: ((problem: string) => void)[] = [];
  let current = read();
  let before: string | undefined;
  let readAt = moment();
  let problem: string | undefined;

  function readAgain(): void {
    try {
      const found = read();
      problem = undefined;
      if (found === current) return;
      before = current ?? before;
      current = found;
    } catch (error) {
      if (problem === undefined) for (const report of reports) report((error as Error).message);
      problem = (error as Error).message;
    }
  }

  function value(): Value {
    const now = moment();
    if (now !== readAt) {
      readAt = now;
      readAgain();
    }
    return current;
  }

  return {
    value,
    previous() {
      value();
      return before;
    },
    onProblem: (report) => void reports.push(report),
  };
}

/**
 * Where two secrets are always asked in the same order, the second is never older than the first: files of one mounted
 * Secret change together, and are seen to.
 */
const moment = () => Math.floor(performance.now() / READ_EVERY_MS);

/** A secret made of another one. */
export const derivedSecret = (secret: Secret, derive: (value: string) => string): Secret => ({
  value: () => derive(secret.value()),
  previous() {
    const previous = secret.previous();
    return previous === undefined ? undefined : derive(previous);
  },
  onProblem: secret.onProblem,
});

/** What the file holds, without a final line break, or undefined where it is absent or empty. */
export function readSecretFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '') || undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
