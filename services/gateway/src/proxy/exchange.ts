import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { limitBody, limitSlowness } from '../edge/request-limits.ts';
import { responseHeaders } from './headers.ts';

type Controller = Dispatcher.DispatchController;

export type ExchangeEvents = {
  /** The service has begun its response. */
  onResponse(): void;
  /** The whole response is written to the client's connection. */
  onEnd(): void;
  /** The service has not responded, or broke off. */
  onError(error: Error): void;
};

export type ExchangeLimits = {
  /** A client that reads nothing for so long, in ms, is disconnected. */
  stallMs: number;
  /** A body that arrives more slowly is refused. */
  minBytesPerS: number;
};

/** Bytes of a body that is sent together with its headers. */
const SMALL = 16_384;

const CLIENT_LEFT = new Error('the client has left');

/** One request to a service and its response, with backpressure in both directions. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #own: readonly string[];
  readonly #limits: ExchangeLimits;
  readonly #events: ExchangeEvents;
  #controller: Controller | undefined;
  #length = Number.NaN;
  #stalled: NodeJS.Timeout | undefined;

  constructor(
    req: IncomingMessage,
    res: ServerResponse,
    { own, limits, events }: { own: readonly string[]; limits: ExchangeLimits; events: ExchangeEvents },
  ) {
    this.#req = req;
    this.#res = res;
    this.#own = own;
    this.#limits = limits;
    this.#events = events;
    res.once('close', () => {
      clearTimeout(this.#stalled);
      if (!res.writableFinished) this.#controller?.abort(CLIENT_LEFT);
    });
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#res.closed) {
      controller.abort(CLIENT_LEFT);
      return;
    }
    const abort = (reason: Error) => controller.abort(reason);
    limitBody(this.#req, abort);
    limitSlowness(this.#req, this.#limits.minBytesPerS, abort);
  }

  onResponseStart(_controller: Controller, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#events.onResponse();
    this.#length = Number(headers['content-length']);
    this.#res.writeHead(status, responseHeaders(this.#own, headers, this.#res));
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (chunk.length === this.#length && chunk.length <= SMALL) this.#endWith(chunk);
    else if (!this.#res.write(chunk)) this.#waitForClient(controller);
  }

  #waitForClient(controller: Controller): void {
    controller.pause();
    this.#stalled = setTimeout(() => this.#res.destroy(), this.#limits.stallMs);
    this.#res.once('drain', () => {
      clearTimeout(this.#stalled);
      controller.resume();
    });
  }

  onResponseEnd(): void {
    if (!this.#res.writableEnded) this.#res.end();
    this.#events.onEnd();
  }

  /** A string goes out in one write with the headers, a buffer behind them. Latin-1 keeps each byte as it is. */
  #endWith(chunk: Buffer): void {
    this.#res.end(chunk.toString('latin1'), 'latin1');
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.#events.onError(error);
  }
}
