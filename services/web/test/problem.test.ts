import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toApiError } from '../src/api/problem.ts';
import { passwordProblem } from '../src/session/passwords.ts';
import { TEXT } from '../src/text.ts';

const WORDS = TEXT.problems;
const response = (status: number, headers = {}) => new Response(null, { status, headers });

test('a problem keeps its words, its request and its fields by name', () => {
  const errors = [{ path: '/body/email', message: 'must be an email' }];
  const body = { title: 'Bad Request', detail: 'Two fields.', request_id: 'r-1', errors };
  const { status, title, detail, requestId, fields } = toApiError(body, response(400), WORDS);
  assert.deepEqual(
    { status, title, detail, requestId, fields },
    {
      status: 400,
      title: 'Bad Request',
      detail: 'Two fields.',
      requestId: 'r-1',
      fields: { email: 'must be an email' },
    },
  );
});

test('no response, and a response that is no problem, are told in words of our own', () => {
  assert.equal(toApiError(new TypeError('Failed to fetch'), undefined, WORDS).title, WORDS.noAnswer.title);
  const error = toApiError('<html>Bad Gateway</html>', response(502), WORDS);
  assert.deepEqual([error.status, error.title], [502, WORDS.noProblem.title]);
});

test('how long to wait is as the response says, in seconds', () => {
  assert.equal(toApiError({}, response(429, { 'Retry-After': '7' }), WORDS).retryAfterS, 7);
  assert.equal(toApiError({}, response(429), WORDS).retryAfterS, undefined);
  assert.equal(toApiError({}, response(503, { 'Retry-After': 'tomorrow' }), WORDS).retryAfterS, undefined);
});

test('what may go well a moment later is no response, too many requests, and a service that is away', () => {
  const passing = [0, 429, 502, 503, 504].map((status) => (status ? response(status) : undefined));
  assert.ok(passing.every((each) => toApiError({}, each, WORDS).passes));
  assert.ok(
    [400, 401, 403, 404, 409, 413, 415, 500].every((status) => !toApiError({}, response(status), WORDS).passes),
  );
});

test('a password is measured as the server measures it', () => {
  assert.equal(passwordProblem('1234567'), TEXT.session.passwordTooShort);
  assert.equal(passwordProblem('12345678'), undefined);
  assert.equal(passwordProblem('x'.repeat(72)), undefined);
  assert.equal(passwordProblem('x'.repeat(73)), TEXT.session.passwordTooLong);
  assert.equal(passwordProblem('ü'.repeat(37)), TEXT.session.passwordTooLong);
});
