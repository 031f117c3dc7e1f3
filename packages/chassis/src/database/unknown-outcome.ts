import pg from 'pg';
import { UnknownOutcomeError } from '../errors.ts';
import { isTransient } from './transient.ts';

/** What begins with one of these changes nothing; a function that writes is called within a WITH. */
const CHANGES_NOTHING = /^\s*(?:SELECT|SHOW|SET|BEGIN|ROLLBACK)\b/i;
const BEGIN = /^\s*BEGIN\b/i;
const COMMIT = /^\s*COMMIT\b/i;
const ROLLBACK = /^\s*ROLLBACK(?!\s+TO)\b/i;

/** Connection exceptions and operator intervention, appendix A of PostgreSQL's manual: the server may have committed. */
const CUT_OFF_SQLSTATE = /^(?:08|57P)/;
/** node-postgres refuses to send anything on a connection that has broken before. */
const NOT_SENT = /not queryable/;

/**
 * A client that tells a change that has not happened from one that may have. A connection that breaks before COMMIT takes
 * the transaction with it. One that breaks while COMMIT, or a writing statement outside of a transaction, is in-flight
 * rejects with `UnknownOutcomeError`.
 */
export function withUnknownOutcomes(Base: new () => pg.Client): new () => pg.Client {
  return class extends Base {
    #inTransaction = false;

    override query(...args: unknown[]): never {
      const text = textOf(args[0]);
      const mayCommit = COMMIT.test(text) || !(this.#inTransaction || CHANGES_NOTHING.test(text));
      if (BEGIN.test(text)) this.#inTransaction = true;
      if (COMMIT.test(text) || ROLLBACK.test(text)) this.#inTransaction = false;

      const result: unknown = Reflect.apply(super.query, this, args);
      if (!(mayCommit && result instanceof Promise)) return result as never;
      return result.catch((error) => {
        throw isCutOff(error) ? new UnknownOutcomeError(error) : error;
      }) as never;
    }
  };
}

function textOf(query: unknown): string {
  if (typeof query === 'string') return query;
  const { text } = (query ?? {}) as { text?: unknown };
  return typeof text === 'string' ? text : '';
}

/** Whether the statement was sent, and no response says what has become of it. */
function isCutOff(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return CUT_OFF_SQLSTATE.test(error.code ?? '');
  return isTransient(error) && !NOT_SENT.test((error as Error).message);
}
