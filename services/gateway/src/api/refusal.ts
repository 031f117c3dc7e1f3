import { type Problem, sendProblem } from '@wave-connect/chassis/http/problem.ts';
import type { ErrorRequestHandler } from 'express';

/** The gateway will not pass a request on, and says why. */
export class Refusal extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail);
    this.name = 'Refusal';
    this.problem = problem;
  }
}

/** Put it before the handler that knows all other errors. */
export const answerRefusals: ErrorRequestHandler = (error, _req, res, next) => {
  if (error instanceof Refusal && !res.headersSent) sendProblem(res, error.problem);
  else next(error);
};
