import type { Duplex } from 'node:stream';
import { type Problem, refuseUpgrade, sendProblem, toProblem } from '@wave-connect/chassis/http';
import type { ErrorRequestHandler } from 'express';
import { FORWARDED_METHODS } from '../routes.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** The gateway will not or cannot forward a request, and says why. */
export class Refusal extends Error {
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail, options);
    this.name = 'Refusal';
    this.problem = problem;
  }
}

export const refusal = (status: number, code: string, detail: string, headers: Record<string, string> = {}): Refusal =>
  new Refusal({ status, code, detail, headers });

export const malformed = (detail = 'The request is malformed.'): Refusal => refusal(400, 'invalid-request', detail);

export const contentTooLarge = (): Refusal =>
  refusal(413, 'content-too-large', 'The body is larger than this path accepts.');

export const headersTooLarge = (): Refusal =>
  refusal(431, 'headers-too-large', 'The headers are too many or too large.');

export const methodNotAllowed = (allowed: readonly string[] = FORWARDED_METHODS): Refusal =>
  refusal(405, 'method-not-allowed', 'This path does not have that method.', { Allow: allowed.join(', ') });

export const problemOf = (error: unknown): Problem => (error instanceof Refusal ? error.problem : toProblem(error));

/** Put it before the handler that knows all other errors. */
export const sendRefusals: ErrorRequestHandler = (error, _req, res, next) => {
  if (error instanceof Refusal && !res.headersSent) sendProblem(res, error.problem);
  else next(error);
};

/** Writes the response of an upgrade or a connection, which has no response object, and closes the connection. */
export function refuseSocket(socket: Duplex, problem: Problem): void {
  if (socket.writable) refuseUpgrade(socket, { ...problem, headers: { ...SECURITY_HEADERS, ...problem.headers } });
}
