import type { ServerResponse } from 'node:http';

/** What a request counts as that its client has aborted, in logs and metrics; no response carries it. As nginx has it. */
export const CLIENT_CLOSED_REQUEST = 499;

/** The status of a response that has closed. */
export const statusOf = ({ statusCode, writableFinished }: ServerResponse): number =>
  writableFinished ? statusCode : CLIENT_CLOSED_REQUEST;
