/** One field of a request that is not acceptable. `path` is a JSON pointer into the request, `/body/text`. */
export type FieldError = { path: string; message: string };

/**
 * What domain code throws when it refuses. `code` is stable and ends up in the problem's `type`;
 * the message is for the person who asked, so it never names tables, hosts or code.
 */
export abstract class DomainError extends Error {
  abstract readonly code: string;
}

export class InvalidError extends DomainError {
  readonly code = 'invalid-request';
  readonly errors: FieldError[];

  constructor(message: string, errors: FieldError[] = []) {
    super(message);
    this.errors = errors;
  }
}

export class UnauthenticatedError extends DomainError {
  readonly code = 'unauthenticated';
}

export class ForbiddenError extends DomainError {
  readonly code = 'forbidden';
}

export class NotFoundError extends DomainError {
  readonly code = 'not-found';
}

export class ConflictError extends DomainError {
  readonly code = 'conflict';
}

/** An Idempotency-Key came with another request than before. */
export class KeyReusedError extends DomainError {
  readonly code = 'idempotency-key-reused';

  constructor() {
    super('This Idempotency-Key came with another request before.');
  }
}

export class ContentTooLargeError extends DomainError {
  readonly code = 'content-too-large';
}

export class UnsupportedMediaTypeError extends DomainError {
  readonly code = 'unsupported-media-type';
}

/** One caller asks for more than its share; the same request may succeed after so many seconds. */
export class TooManyRequestsError extends DomainError {
  readonly code = 'too-many-requests';
  readonly retryAfterS: number;

  constructor(message: string, retryAfterS: number) {
    super(message);
    this.retryAfterS = retryAfterS;
  }
}

/** Something this service stands on does not respond; the same request may succeed later. */
export class UnavailableError extends DomainError {
  readonly code = 'unavailable';
}

/** There is more to do than can be done. It is logged where it begins, so not for each request. */
export class OverloadedError extends UnavailableError {}

/** The connection broke while a change was being committed, so it may or may not have happened. */
export class UnknownOutcomeError extends DomainError {
  readonly code = 'bad-gateway';

  constructor(cause: unknown) {
    super('The connection to the database broke: the change may or may not have happened.', { cause });
  }
}
