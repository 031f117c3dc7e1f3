/** What went wrong with a call: a problem of the contract (RFC 9457), or that no response came. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  /** 0 where there was no response. */
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly requestId: string | undefined;
  /** Messages by the name of the field that they are about. */
  readonly fields: Readonly<Record<string, string>>;
  /** Seconds after which to come back, where the response says so. */
  readonly retryAfterS: number | undefined;

  constructor(from: Pick<ApiError, 'status' | 'title' | 'detail'> & Partial<ApiError>) {
    super(from.detail);
    this.status = from.status;
    this.title = from.title;
    this.detail = from.detail;
    this.requestId = from.requestId;
    this.fields = from.fields ?? {};
    this.retryAfterS = from.retryAfterS;
  }

  /** Whether the same call may go well a moment later, and does no harm if it is made again. */
  get passes(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

type ProblemBody = { title: string; detail: string; request_id?: string; errors?: { path: string; message: string }[] };
type Words = { noAnswer: { title: string; detail: string }; noProblem: { title: string; detail: string } };

/** @param body as it was parsed; what is no problem, as of a proxy in front, is told by `words` */
export function toApiError(body: unknown, response: Response | undefined, words: Words): ApiError {
  if (response === undefined) return new ApiError({ status: 0, ...words.noAnswer });
  const { status, headers } = response;
  const retryAfterS = retryAfter(headers);
  if (!isProblem(body)) return new ApiError({ status, ...words.noProblem, retryAfterS });
  const { title, detail, request_id: requestId, errors = [] } = body;
  const fields = Object.fromEntries(errors.map(({ path, message }) => [nameOf(path), message]));
  return new ApiError({ status, title, detail, requestId, fields, retryAfterS });
}

const isProblem = (body: unknown): body is ProblemBody =>
  typeof body === 'object' && body !== null && 'title' in body && 'detail' in body;

/** Of a JSON pointer such as `/body/email`. */
const nameOf = (pointer: string): string => pointer.split('/').at(-1) ?? pointer;

/** In seconds; the contract knows no dates here. */
function retryAfter(headers: Headers): number | undefined {
  const seconds = Number(headers.get('Retry-After') ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds : undefined;
}
