import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { logResponse } from '@wave-connect/chassis/http';
import {
  CLIENT_CLOSED_REQUEST,
  type Logger,
  type Metrics,
  requestId,
  runInContext,
} from '@wave-connect/chassis/observability';

/** An upgrade until it is accepted or refused. */
export type Handshake = {
  /** Calls `leave` at the end. */
  hold(leave: () => void): void;
  /** Further calls change nothing. */
  end(status: number): void;
};

/** The label of handshakes beside those of services. */
const ROUTE = 'upgrade';

/** Ends by itself when the client leaves. With its end it is in the request log and in the metrics. */
export function beginHandshake(
  req: IncomingMessage,
  client: Socket,
  { metrics, log }: { metrics: Metrics; log: Logger },
): Handshake {
  const begin = performance.now();
  const context = { requestId: requestId() ?? '' };
  const { method = '', url = '' } = req;
  const [path = ''] = url.split('?', 1);
  const held: (() => void)[] = [];
  let ended = false;

  function end(status: number): void {
    if (ended) return;
    ended = true;
    client.off('close', clientLeft);
    for (const leave of held) leave();
    const durationMs = performance.now() - begin;
    metrics.observeRequest({ method, route: ROUTE, status: String(status) }, durationMs);
    runInContext(context, () => logResponse(log, req, { path, status, durationMs }));
  }

  const clientLeft = () => end(CLIENT_CLOSED_REQUEST);
  client.once('close', clientLeft);
  return {
    hold(leave) {
      if (ended) leave();
      else held.push(leave);
    },
    end,
  };
}
