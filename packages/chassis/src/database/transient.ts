import { UnavailableError, UnknownOutcomeError } from '../errors.ts';

/**
 * SQLSTATE classes and codes of failures that pass by themselves: connection exceptions, lack of resources,
 * operator intervention, serialization failures, deadlocks (PostgreSQL manual, appendix A); and logins that are
 * refused while a password is being replaced.
 */
const TRANSIENT_SQLSTATE = /^(08|53|57P|57014|40001|40P01|55P03|25006|28P01|28000)/;

const TRANSIENT_SYSTEM = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);

/** Prisma's codes for refused logins, an unreachable server, time-outs, a closed connection and write conflicts. */
const TRANSIENT_PRISMA = new Set([
  'P1000',
  'P1001',
  'P1002',
  'P1008',
  'P1010',
  'P1017',
  'P2024',
  'P2028',
  'P2034',
  'P2037',
]);

/** Kinds of a Prisma driver adapter's error that mean the same. */
const TRANSIENT_ADAPTER = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
  'TransactionWriteConflict',
  'TransactionAlreadyClosed',
  'AuthenticationFailed',
  'DatabaseAccessDenied',
]);

/** node-postgres gives these no code. */
const TRANSIENT_TEXT =
  /timeout exceeded when trying to connect|Connection terminated|connection timeout|Client has encountered a connection error|Query read timeout/i;

const MAX_CAUSES = 5;

/**
 * Failures of a server that responds all the same: a full disk, no connection left, read-only while another one
 * takes over, a login that is refused. No single statement is their reason.
 */
const WHOLE_SERVER_SQLSTATE = /^(53100|53300|25006|28P01|28000)$/;
const WHOLE_SERVER_PRISMA = new Set(['P1000', 'P1010', 'P2037']);
const WHOLE_SERVER_ADAPTER = new Set<unknown>(['TooManyConnections', 'AuthenticationFailed', 'DatabaseAccessDenied']);

/** Whether the same work may succeed later without a repair. Looks through the causes of an error. */
export const isTransient = (error: unknown): boolean =>
  anyCause(error, (each) => {
    const { kind, message } = each;
    return (
      each instanceof UnavailableError ||
      codesOf(each).some(
        (code) => TRANSIENT_SYSTEM.has(code) || TRANSIENT_PRISMA.has(code) || TRANSIENT_SQLSTATE.test(code),
      ) ||
      (typeof kind === 'string' && TRANSIENT_ADAPTER.has(kind)) ||
      (typeof message === 'string' && TRANSIENT_TEXT.test(message))
    );
  });

/** Whether a transient failure meets all work on that server alike, although it responds. */
export const concernsWholeServer = (error: unknown): boolean =>
  anyCause(
    error,
    (each) =>
      WHOLE_SERVER_ADAPTER.has(each.kind) ||
      codesOf(each).some((code) => WHOLE_SERVER_PRISMA.has(code) || WHOLE_SERVER_SQLSTATE.test(code)),
  );

/** The error, or one of its causes, that says that a change may have happened. */
export function unknownOutcome(error: unknown): UnknownOutcomeError | undefined {
  let found: UnknownOutcomeError | undefined;
  anyCause(error, (each) => {
    if (each instanceof UnknownOutcomeError) found = each;
    return found !== undefined;
  });
  return found;
}

const codesOf = ({ code, originalCode }: Record<string, unknown>): string[] =>
  [code, originalCode].filter((value) => typeof value === 'string');

/** Whether that holds for the error, for one of its causes or for a part of an aggregate. */
function anyCause(error: unknown, holds: (each: Record<string, unknown>) => boolean, depth = 0): boolean {
  if (!(error instanceof Object) || depth > MAX_CAUSES) return false;
  const each = error as Record<string, unknown>;
  if (holds(each)) return true;
  const { cause, meta, errors } = each;
  const inner = [cause, (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError];
  const parts: unknown[] = Array.isArray(errors) ? errors : [];
  return [...inner, ...parts].some((next) => anyCause(next, holds, depth + 1));
}
