import { type handleUnaryCall, type ServerUnaryCall, status } from '@grpc/grpc-js';
import { OverloadedError } from '@wave-connect/chassis/errors';
import { requestIdOf, type Shedding, toProblem } from '@wave-connect/chassis/http';
import { type Logger, runInContext } from '@wave-connect/chassis/observability';
import type { CallDurations } from './call-durations.ts';

export type UnaryOptions = { log: Logger; durations: CallDurations; shedding: Shedding };

const REQUEST_ID = 'x-request-id';

/** Status codes of refusals, by the HTTP status that the same refusal has (google.rpc.Code). */
const CODE_OF: Record<number, status> = {
  400: status.INVALID_ARGUMENT,
  401: status.UNAUTHENTICATED,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  409: status.ABORTED,
  503: status.UNAVAILABLE,
};

/**
 * A call with one request and one response: what is done to it before and after `work` is what is done to a request
 * over HTTP. An error says as much as its problem would, so nothing of the inside.
 */
export function unary<Request, Response>(
  work: (request: Request) => Promise<Response>,
  { log, durations, shedding }: UnaryOptions,
): handleUnaryCall<Request, Response> {
  async function attempt(request: Request): Promise<{ code: status; details: string; response?: Response }> {
    try {
      shedding.assertRoom();
      return { code: status.OK, details: '', response: await work(request) };
    } catch (error) {
      const { status: httpStatus, detail: details } = toProblem(error);
      if (httpStatus >= 500 && !(error instanceof OverloadedError)) log.error({ err: error }, 'call failed');
      return { code: CODE_OF[httpStatus] ?? status.INTERNAL, details };
    }
  }

  return (call, respond) =>
    runInContext({ requestId: requestIdOfCall(call) }, async () => {
      const begin = performance.now();
      const { code, details, response } = await attempt(call.request);
      const duration = performance.now() - begin;
      const method = call.getPath();
      durations.observe({ method, code: status[code] }, duration / 1000);
      const level = code === status.OK ? 'debug' : code === status.INVALID_ARGUMENT ? 'info' : 'warn';
      log[level]({ method, code: status[code], duration_ms: Math.round(duration) }, 'call finished');
      if (response === undefined) respond({ code, details });
      else respond(null, response);
    });
}

function requestIdOfCall({ metadata }: ServerUnaryCall<unknown, unknown>): string {
  const [given] = metadata.get(REQUEST_ID);
  return requestIdOf({ [REQUEST_ID]: String(given ?? '') }, { accept: true });
}
