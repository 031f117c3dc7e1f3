import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  ConflictError,
  ForbiddenError,
  InvalidError,
  NotFoundError,
  TooManyRequestsError,
  UnauthenticatedError,
  UnavailableError,
  UnsupportedMediaTypeError,
} from '../src/errors.ts';
import { problemBody, toProblem } from '../src/http/problem.ts';
import { runInContext } from '../src/observability/request-context.ts';

for (const [ErrorClass, status] of [
  [InvalidError, 400],
  [UnauthenticatedError, 401],
  [ForbiddenError, 403],
  [NotFoundError, 404],
  [ConflictError, 409],
  [UnsupportedMediaTypeError, 415],
  [UnavailableError, 503],
] as const) {
  test(`${ErrorClass.name} is a ${status} with its message`, () => {
    const problem = toProblem(new ErrorClass('Said to the person.'));
    assert.equal(problem.status, status);
    assert.equal(problem.detail, 'Said to the person.');
  });
}

test('TooManyRequestsError is a 429 with its message and the seconds to wait', () => {
  const { status, detail, headers } = toProblem(new TooManyRequestsError('Slow down.', 7));
  assert.deepEqual([status, detail, headers], [429, 'Slow down.', { 'Retry-After': '7' }]);
});

test('an unknown error is a 500 that shows nothing of the inside', () => {
  const problem = toProblem(new Error('column "password_hash" of db-7.internal does not exist'));
  assert.equal(problem.status, 500);
  assert.doesNotMatch(JSON.stringify(problem), /password_hash|db-7/);
});

test('a database that is away is a 503 that says when to come again', () => {
  const problem = toProblem(Object.assign(new Error('connect ECONNREFUSED 10.0.0.7:5432'), { code: 'ECONNREFUSED' }));
  assert.equal(problem.status, 503);
  assert.ok(Number(problem.headers?.['Retry-After']) > 0);
  assert.doesNotMatch(JSON.stringify(problem), /10\.0\.0\.7/);
});

test('a parser error keeps its status and drops its words', () => {
  const problem = toProblem(Object.assign(new Error('request entity too large'), { status: 413, limit: 65_536 }));
  assert.deepEqual([problem.status, problem.code], [413, 'content-too-large']);
});

test('the body carries the id of the request', () => {
  const body = runInContext({ requestId: 'abc' }, () => problemBody(toProblem(new NotFoundError('Not here.'))));
  assert.deepEqual(body, {
    type: '/problems/not-found',
    title: 'Not Found',
    status: 404,
    detail: 'Not here.',
    request_id: 'abc',
  });
});
