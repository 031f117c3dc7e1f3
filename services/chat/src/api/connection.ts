import { AsyncLocalStorage } from 'node:async_hooks';
import { OverloadedError } from '@wave-connect/chassis/errors';
import { type Shedding, toProblem } from '@wave-connect/chassis/http';
import { type Logger, requestId, runInContext } from '@wave-connect/chassis/observability';
import type { TokenOwner } from '@wave-connect/chassis/revocations';
import type { ChatServerFrame } from '@wave-connect/contracts/operations.ts';
import type { RawData, WebSocket } from 'ws';
import type { SocketsConfig } from '../config.ts';
import type { Activity } from '../domain/activity.ts';
import type { Hub, Listener } from '../domain/hub.ts';
import type { Messages } from '../domain/messages.ts';
import type { FrameLimits } from './frame-limits.ts';
import { asClientFrame, errorFrame, messageFrame, parseFrame, type Tag, tagOf } from './frames.ts';

/** RFC 6455, section 7.4.1. */
const GOING_AWAY = 1001;
const UNSUPPORTED_DATA = 1003;
/** Of this application's own (RFC 6455, section 7.4.2): the session has ended. */
const UNAUTHENTICATED = 4401;

export type ConnectionParts = {
  messages: Messages;
  hub: Hub;
  activity: Activity;
  shedding: Shedding;
  frameLimits: FrameLimits;
  config: SocketsConfig;
  log: Logger;
};

export type Connection = {
  /** Responds to the frame at hand, closes, and resolves when the client has closed as well. */
  end(): Promise<void>;
  /** Closes at once, as when the gateway between ends its half of the connection. */
  goAway(): void;
  terminate(): void;
};

/** One person's WebSocket. Its frames are handled in order; while too many wait, no more is read from it. */
export function openConnection(
  ws: WebSocket,
  { userId: caller, sessionId }: TokenOwner,
  parts: ConnectionParts,
): Connection {
  const { messages, hub, activity, shedding, frameLimits, config, log } = parts;
  const connectionId = requestId();
  const waiting: string[] = [];
  let accepting = true;
  let taken = 0;
  let working: Promise<void> | undefined;
  let alive = true;

  const listener: Listener = {
    userId: caller,
    sessionId,
    receive: (message) => send(messageFrame(message)),
    dismiss: () => ws.close(UNAUTHENTICATED, 'The session has ended.'),
  };

  function send(frame: ChatServerFrame): void {
    if (ws.readyState !== ws.OPEN) return;
    ws.send(JSON.stringify(frame));
    if (ws.bufferedAmount <= config.maxBufferedBytes) return;
    activity.slowReaderCut(caller);
    ws.terminate();
  }

  function take(data: RawData, isBinary: boolean): void {
    alive = true;
    if (!accepting) return;
    if (isBinary) {
      accepting = false;
      ws.close(UNSUPPORTED_DATA, 'Frames are JSON text.');
      return;
    }
    waiting.push(String(data));
    if (waiting.length >= config.maxWaitingFrames) ws.pause();
    working ??= work();
  }

  async function work(): Promise<void> {
    for (let text = waiting.shift(); text !== undefined; text = waiting.shift()) {
      taken += 1;
      await runInContext({ requestId: `${connectionId}.${taken}` }, () => handle(text));
      if (waiting.length < config.maxWaitingFrames) resume();
    }
    working = undefined;
  }

  function resume(): void {
    if (!ws.isPaused) return;
    alive = true;
    ws.resume();
  }

  async function handle(text: string): Promise<void> {
    let tag: Tag = {};
    const refused = frameLimits.take(caller);
    if (refused) activity.frameRefused();
    try {
      const frame = parseFrame(text);
      tag = tagOf(frame);
      if (refused) throw refused;
      shedding.assertRoom();
      const message = await messages.send({ ...asClientFrame(frame), sender: caller }, listener);
      send(messageFrame(message, tag));
    } catch (error) {
      const problem = toProblem(refused ?? error);
      if (problem.status >= 500 && !(error instanceof OverloadedError)) log.error({ err: error }, 'frame failed');
      send(errorFrame(problem, tag));
    }
  }

  function goAway(): void {
    ws.close(GOING_AWAY, 'The server is shutting down.');
  }

  /** A client that is not read from cannot be heard responding. */
  function beat(): void {
    if (alive || ws.isPaused) ws.ping();
    else ws.terminate();
    alive = false;
  }

  const leave = hub.join(listener);
  const heartbeat = setInterval(beat, config.pingIntervalMs);
  const closed = Promise.withResolvers<void>();
  activity.socketOpened(caller);
  ws.on('message', take);
  ws.on('pong', () => {
    alive = true;
  });
  ws.on(
    'error',
    AsyncLocalStorage.bind((error) => log.debug({ err: error }, 'socket failed')),
  );
  ws.on(
    'close',
    AsyncLocalStorage.bind((code) => {
      clearInterval(heartbeat);
      leave();
      activity.socketClosed(caller, code);
      closed.resolve();
    }),
  );

  return {
    async end() {
      accepting = false;
      waiting.length = 0;
      resume();
      await working;
      goAway();
      await closed.promise;
    },
    goAway,
    terminate: () => ws.terminate(),
  };
}
