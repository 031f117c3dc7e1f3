import { CALLER_HEADER, SESSION_HEADER } from '@wave-connect/contracts/identity-headers.ts';
import type { Request, RequestHandler } from 'express';
import { UnauthenticatedError } from '../errors.ts';

const USER_ID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/;

/** Ids of users are UUIDs in the form in which the database writes them. */
export const isUserId = (value: string): boolean => USER_ID.test(value);

/** Lets through what names a caller; `publicPaths` need none. */
export function requireCaller(publicPaths: readonly string[]): RequestHandler {
  return (req, _res, next) => {
    if (!publicPaths.includes(req.path)) callerOf(req);
    next();
  };
}

/** @throws UnauthenticatedError where the gateway has named no caller */
export function callerOf(req: Pick<Request, 'headers'>): string {
  const caller = req.headers[CALLER_HEADER];
  if (typeof caller !== 'string' || !isUserId(caller)) throw new UnauthenticatedError('A valid token is needed.');
  return caller;
}

/** Undefined where the gateway has named no session. */
export function sessionOf(req: Pick<Request, 'headers'>): string | undefined {
  const session = req.headers[SESSION_HEADER];
  return typeof session === 'string' && isUserId(session) ? session : undefined;
}
