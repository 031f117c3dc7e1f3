import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { Dispatcher } from 'undici';
import { limitBody } from './body-limit.ts';
import { answerHeaders } from './forwarded-answer.ts';

type Controller = Dispatcher.DispatchController;

export type ExchangeEvents = {
  /** The service has begun its answer. */
  onAnswer(): void;
  /** The whole answer is on its way to the client. */
  onEnd(): void;
  /** The service has not answered, or broke off. */
  onError(error: Error): void;
};

const CLIENT_LEFT = new Error('the client has left');

/** One request on its way to a service, and the answer on its way back, each as fast as its reader reads. */
export class Exchange implements Dispatcher.DispatchHandler {
  readonly #req: IncomingMessage;
  readonly #res: ServerResponse;
  readonly #own: readonly string[];
  readonly #events: ExchangeEvents;
  #controller: Controller | undefined;

  constructor(req: IncomingMessage, res: ServerResponse, own: readonly string[], events: ExchangeEvents) {
    this.#req = req;
    this.#res = res;
    this.#own = own;
    this.#events = events;
    res.once('close', () => {
      if (!res.writableFinished) this.#controller?.abort(CLIENT_LEFT);
    });
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#res.closed) controller.abort(CLIENT_LEFT);
    else limitBody(this.#req, (reason) => controller.abort(reason));
  }

  onResponseStart(_controller: Controller, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return;
    this.#events.onAnswer();
    this.#res.writeHead(status, answerHeaders(this.#own, headers, this.#res));
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.#res.write(chunk)) return;
    controller.pause();
    this.#res.once('drain', () => controller.resume());
  }

  onResponseEnd(): void {
    this.#res.end();
    this.#events.onEnd();
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.#events.onError(error);
  }
}
