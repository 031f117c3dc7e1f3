import { type Problem, sendProblem, toProblem } from '@wave-connect/chassis/http/problem.ts';
import type { ErrorRequestHandler } from 'express';

/** The gateway will not or cannot pass a request on, and says why. */
export class Refusal extends Error {
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.detail, options);
    this.name = 'Refusal';
    this.problem = problem;
  }
}

export const problemOf = (error: unknown): Problem => (error instanceof Refusal ? error.problem : toProblem(error));

/** Put it before the handler that knows all other errors. */
export const answerRefusals: ErrorRequestHandler = (error, _req, res, next) => {
  if (error instanceof Refusal && !res.headersSent) sendProblem(res, error.problem);
  else next(error);
};
