import { UnavailableError } from '../errors.ts';

/**
 * SQLSTATE classes and codes of failures that pass by themselves: connection exceptions, lack of resources,
 * operator intervention, serialization failures, deadlocks (PostgreSQL manual, appendix A).
 */
const TRANSIENT_SQLSTATE = /^(08|53|57P|57014|40001|40P01|55P03|25006)/;

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

/** Prisma's codes for an unreachable server, time-outs, a closed connection and write conflicts. */
const TRANSIENT_PRISMA = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2028', 'P2034', 'P2037']);

/** Kinds of a Prisma driver adapter's error that mean the same. */
const TRANSIENT_ADAPTER = new Set([
  'DatabaseNotReachable',
  'ConnectionClosed',
  'SocketTimeout',
  'TooManyConnections',
  'TransactionWriteConflict',
  'TransactionAlreadyClosed',
]);

/** node-postgres gives these no code. */
const TRANSIENT_TEXT =
  /timeout exceeded when trying to connect|Connection terminated|connection timeout|Client has encountered a connection error|Query read timeout/i;

const MAX_CAUSES = 5;

/** Whether the same work may succeed later without anybody mending it. Looks through the causes of an error. */
export function isTransient(error: unknown, depth = 0): boolean {
  if (!(error instanceof Object) || depth > MAX_CAUSES) return false;
  if (error instanceof UnavailableError) return true;
  const { code, kind, originalCode, message, cause, meta, errors } = error as Record<string, unknown>;
  const codes = [code, originalCode].filter((value) => typeof value === 'string');
  if (
    codes.some((value) => TRANSIENT_SYSTEM.has(value) || TRANSIENT_PRISMA.has(value) || TRANSIENT_SQLSTATE.test(value))
  ) {
    return true;
  }
  if (typeof kind === 'string' && TRANSIENT_ADAPTER.has(kind)) return true;
  if (typeof message === 'string' && TRANSIENT_TEXT.test(message)) return true;
  const inner = [cause, (meta as { driverAdapterError?: unknown } | undefined)?.driverAdapterError];
  return [...inner, ...(Array.isArray(errors) ? errors : [])].some((each) => isTransient(each, depth + 1));
}
