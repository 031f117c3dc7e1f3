import { type DestinationStream, type Logger, pino, stdSerializers } from 'pino';
import { requestId } from './request-context.ts';

export type { Logger };

/** JSON lines on standard output, each with its service and, within a request or event, the request id. */
export function createLogger(service: string, level: string, destination?: DestinationStream): Logger {
  return pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: stdSerializers.err },
      mixin: () => {
        const id = requestId();
        return id === undefined ? {} : { request_id: id };
      },
    },
    destination ?? pino.destination(1),
  );
}
