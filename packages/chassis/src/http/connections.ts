import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

export type Connections = {
  /** From now on each answer says `Connection: close`. */
  announceClose(): void;
  /** Closes what is idle at once, and the rest as it becomes idle. Resolves when all are closed. */
  close(): Promise<void>;
  /** Breaks off what is left, and returns how many requests were still without their whole answer. */
  destroy(): number;
};

type Connection = {
  /** Answers that are not out yet. */
  answers: Set<ServerResponse>;
  /** Bytes read when it was idle the last time; more of them are the beginning of a request. */
  bytesReadWhenIdle: number;
};

/**
 * What is on its way on a server's connections. Node's own `closeIdleConnections` takes an answer that is written
 * but not sent yet for none at all, and breaks it off.
 */
export function trackConnections(server: Server): Connections {
  const connections = new Map<Socket, Connection>();
  const empty = Promise.withResolvers<void>();
  let announced = false;
  let closing = false;

  server.on('connection', (socket: Socket) => {
    connections.set(socket, { answers: new Set(), bytesReadWhenIdle: 0 });
    socket.once('close', () => {
      connections.delete(socket);
      if (closing && connections.size === 0) empty.resolve();
    });
  });
  // Before the listener that answers.
  server.prependListener('request', ({ socket }: IncomingMessage, res: ServerResponse) => {
    const connection = connections.get(socket);
    if (connection === undefined) return;
    connection.answers.add(res);
    if (announced) res.shouldKeepAlive = false;
    res.once('close', () => {
      connection.answers.delete(res);
      connection.bytesReadWhenIdle = socket.bytesRead;
      if (closing) closeWhenIdle(socket, connection);
    });
  });

  function closeWhenIdle(socket: Socket, { answers, bytesReadWhenIdle }: Connection): void {
    if (answers.size === 0 && socket.bytesRead === bytesReadWhenIdle) socket.destroySoon();
  }

  return {
    announceClose() {
      announced = true;
      for (const { answers } of connections.values()) {
        for (const res of answers) res.shouldKeepAlive = false;
      }
    },
    close() {
      closing = true;
      if (connections.size === 0) empty.resolve();
      for (const [socket, connection] of connections) closeWhenIdle(socket, connection);
      return empty.promise;
    },
    destroy() {
      let broken = 0;
      for (const [socket, { answers }] of connections) {
        broken += answers.size;
        socket.destroy();
      }
      return broken;
    },
  };
}
