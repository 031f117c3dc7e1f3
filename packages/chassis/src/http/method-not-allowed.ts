import type { RequestHandler } from 'express';
import { sendProblem } from './problem.ts';

/** Put it behind the methods that a path has. RFC 9110, section 15.5.6. */
export const methodNotAllowed =
  (...allowed: string[]): RequestHandler =>
  (_req, res) =>
    sendProblem(res, {
      status: 405,
      code: 'method-not-allowed',
      detail: 'This path does not answer that method.',
      headers: { Allow: allowed.join(', ') },
    });
