export type ConnectionState = 'connecting' | 'open' | 'waiting';

export type ConnectionHandlers = {
  onState(state: ConnectionState): void;
  onFrame(frame: unknown): void;
  /** @param wasOpen whether it had been agreed to */
  onClose(wasOpen: boolean): void;
};

export type Timing = {
  /** ms until the second attempt; doubled for each further one, at most `maxMs`, and cut by chance by up to a half. */
  firstMs: number;
  maxMs: number;
  /** ms after which an open connection counts as a good one, so that the next failure is a first one again. */
  steadyMs: number;
  /** ms within which a response to a frame comes; after that the connection counts as broken. */
  responseMs: number;
};

export const TIMING: Timing = { firstMs: 500, maxMs: 30_000, steadyMs: 5_000, responseMs: 10_000 };

/** A WebSocket that is opened again whenever it closes, later each time, and by no common beat with other clients. */
export function createConnection(url: string, handlers: ConnectionHandlers, timing: Timing) {
  let socket: WebSocket | undefined;
  let onClosed = () => {};
  let timer: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  let stopped = true;
  let paused = false;

  function connect(): void {
    clearTimeout(timer);
    handlers.onState('connecting');
    const own = new WebSocket(url);
    socket = own;
    let openedAt: number | undefined;
    own.onopen = () => {
      openedAt = performance.now();
      handlers.onState('open');
    };
    own.onmessage = ({ data }) => handlers.onFrame(JSON.parse(String(data)));
    onClosed = () => {
      if (socket !== own) return;
      socket = undefined;
      const wasSteady = openedAt !== undefined && performance.now() - openedAt >= timing.steadyMs;
      failures = wasSteady ? 0 : failures + 1;
      if (!stopped) wait();
      handlers.onClose(openedAt !== undefined);
    };
    own.onclose = onClosed;
  }

  function wait(): void {
    handlers.onState('waiting');
    if (paused) return;
    const most = Math.min(timing.maxMs, timing.firstMs * 2 ** Math.max(0, failures - 1));
    timer = setTimeout(connect, most * (0.5 + Math.random() / 2));
  }

  /** Not waiting for the other side to agree, which it cannot where it is out of reach. */
  function drop(): void {
    socket?.close();
    onClosed();
  }

  return {
    start(): void {
      stopped = false;
      connect();
    },
    stop(): void {
      stopped = true;
      clearTimeout(timer);
      drop();
    },
    drop,
    /** For when it cannot go well until `retryNow`. */
    pause(): void {
      paused = true;
      clearTimeout(timer);
      drop();
    },
    /** For when there is reason to think that it will go well now. */
    retryNow(): void {
      if (stopped || socket !== undefined) return;
      paused = false;
      failures = 0;
      connect();
    },
    /** @returns false where there is no open connection, and nothing was sent */
    send(frame: object): boolean {
      if (socket?.readyState !== WebSocket.OPEN) return false;
      socket.send(JSON.stringify(frame));
      return true;
    },
  };
}
