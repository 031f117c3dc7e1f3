import { type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorRequestHandler, RequestHandler } from 'express';
import { isTransient, unknownOutcome } from '../database/transient.ts';
import {
  ConflictError,
  ContentTooLargeError,
  DomainError,
  type FieldError,
  ForbiddenError,
  InvalidError,
  KeyReusedError,
  NotFoundError,
  OverloadedError,
  TooManyRequestsError,
  UnauthenticatedError,
  UnavailableError,
  UnknownOutcomeError,
  UnsupportedMediaTypeError,
} from '../errors.ts';
import type { Logger } from '../observability/log.ts';
import { requestId } from '../observability/request-context.ts';

/** Seconds after which a client may try again when a part of the system does not respond. */
const RETRY_AFTER_S = 2;

/** RFC 9110, section 11.6.1. */
const CHALLENGE = { 'WWW-Authenticate': 'Bearer' };

/** A problem before it is sent; `code` becomes the stable relative URI in `type`. */
export type Problem = {
  status: number;
  code: string;
  detail: string;
  errors?: FieldError[];
  headers?: Record<string, string>;
};

/** RFC 9457 body of a problem. */
export function problemBody(problem: Problem) {
  return {
    type: `/problems/${problem.code}`,
    title: STATUS_CODES[problem.status] ?? 'Error',
    status: problem.status,
    detail: problem.detail,
    request_id: requestId() ?? '',
    ...(problem.errors && { errors: problem.errors }),
  };
}

export function sendProblem(res: ServerResponse, problem: Problem): void {
  const body = JSON.stringify(problemBody(problem));
  res
    .writeHead(problem.status, {
      ...problemHeaders(problem),
      'Content-Type': 'application/problem+json; charset=utf-8',
      'Content-Length': Buffer.byteLength(body),
    })
    .end(body);
}

const problemHeaders = (problem: Problem): Record<string, string> => ({
  ...(problem.status === 401 && CHALLENGE),
  ...problem.headers,
  'Cache-Control': 'no-store',
});

/** Refuses an upgrade. It has no response object, so the whole HTTP response is written out; the socket closes. */
export function refuseUpgrade(socket: Duplex, problem: Problem): void {
  if (socket.destroyed) return;
  const content = problemBody(problem);
  const body = JSON.stringify(content);
  const headers = {
    ...problemHeaders(problem),
    'Content-Type': 'application/problem+json; charset=utf-8',
    'Content-Length': String(Buffer.byteLength(body)),
    'X-Request-Id': content.request_id,
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('')}\r\n${body}`);
}

/** Responds with 404 to a request that no route matched. */
export const notFound: RequestHandler = (_req, res) =>
  sendProblem(res, { status: 404, code: 'not-found', detail: 'There is nothing at this path.' });

/** The one place where an error becomes a response; what it does not know is a 500 that says nothing. */
export function problemHandler(log: Logger): ErrorRequestHandler {
  return (error, _req, res, next) => {
    const problem = toProblem(error);
    if (problem.status >= 500 && !(error instanceof OverloadedError)) log.error({ err: error }, 'request failed');
    if (res.headersSent) return next(error);
    sendProblem(res, problem);
  };
}

const STATUS_OF = new Map<abstract new (...args: never[]) => DomainError, number>([
  [InvalidError, 400],
  [UnauthenticatedError, 401],
  [ForbiddenError, 403],
  [NotFoundError, 404],
  [ConflictError, 409],
  [ContentTooLargeError, 413],
  [UnsupportedMediaTypeError, 415],
  [KeyReusedError, 422],
  [TooManyRequestsError, 429],
  [UnknownOutcomeError, 502],
  [UnavailableError, 503],
  [OverloadedError, 503],
]);

export function toProblem(error: unknown): Problem {
  const known = error instanceof DomainError ? error : unknownOutcome(error);
  if (known) return fromDomain(known);
  // Before the database's: a client that aborts its body has a system's error code as well.
  if (isHttpError(error)) return fromHttpError(error);
  if (isTransient(error)) {
    return unavailable('The service cannot reach its database right now; please try again.');
  }
  return {
    status: 500,
    code: 'internal',
    detail: 'Something went wrong on our side. Quote the request id when you report it.',
  };
}

function fromDomain(error: DomainError): Problem {
  const status = STATUS_OF.get(error.constructor as new () => DomainError) ?? 500;
  const errors = error instanceof InvalidError && error.errors.length > 0 ? { errors: error.errors } : {};
  const problem = { status, code: error.code, detail: error.message, ...errors };
  if (error instanceof TooManyRequestsError) return { ...problem, headers: retryAfter(error.retryAfterS) };
  return status > 500 ? { ...problem, headers: retryAfter(RETRY_AFTER_S) } : problem;
}

function unavailable(detail: string): Problem {
  return { status: 503, code: 'unavailable', detail, headers: retryAfter(RETRY_AFTER_S) };
}

const retryAfter = (seconds: number) => ({ 'Retry-After': String(seconds) });

/** What express, its body parsers and the contract's validator throw. */
type HttpError = {
  status: number;
  message: string;
  type?: string;
  headers?: Record<string, string>;
  errors?: { path: string; message: string; errorCode?: string }[];
};

/** The validator would quote the whole expression. */
const UNMATCHED_PATTERN = 'pattern.openapi.validation';
const PATTERN_MESSAGE = 'has characters that are not allowed here, or lacks one that is needed';

function isHttpError(error: unknown): error is HttpError {
  const status = (error as { status?: unknown } | null)?.status;
  return typeof status === 'number' && status >= 400 && status < 500;
}

const CLIENT_PROBLEMS: Record<number, { code: string; detail: string }> = {
  400: { code: 'invalid-request', detail: 'The request is malformed.' },
  401: { code: 'unauthenticated', detail: 'A valid token is needed.' },
  404: { code: 'not-found', detail: 'There is nothing at this path.' },
  405: { code: 'method-not-allowed', detail: 'This path does not have that method.' },
  413: { code: 'content-too-large', detail: 'The body is larger than this path accepts.' },
  415: { code: 'unsupported-media-type', detail: 'This path does not take that content type.' },
};

function fromHttpError(error: HttpError): Problem {
  const known = CLIENT_PROBLEMS[error.status] ?? { code: 'invalid-request', detail: 'The request is malformed.' };
  const fields = error.errors?.map(({ path, message, errorCode }) => ({
    path,
    message: errorCode === UNMATCHED_PATTERN ? PATTERN_MESSAGE : message,
  }));
  return {
    status: CLIENT_PROBLEMS[error.status] ? error.status : 400,
    ...known,
    ...(fields?.length && error.status === 400 && { detail: summary(fields), errors: fields }),
    ...(error.headers?.Allow && { headers: { Allow: error.headers.Allow } }),
  };
}

const summary = (fields: FieldError[]) =>
  fields.length === 1 ? `${fields[0]?.path} ${fields[0]?.message}` : `${fields.length} fields are not acceptable.`;

/** Put it behind the methods that a path has. RFC 9110, section 15.5.6. */
export const methodNotAllowed =
  (...allowed: string[]): RequestHandler =>
  (_req, res) =>
    sendProblem(res, {
      status: 405,
      code: 'method-not-allowed',
      detail: 'This path does not have that method.',
      headers: { Allow: allowed.join(', ') },
    });
