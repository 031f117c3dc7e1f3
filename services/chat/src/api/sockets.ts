import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  NotFoundError,
  OverloadedError,
  TooManyRequestsError,
  UnauthenticatedError,
  UnavailableError,
} from '@wave-connect/chassis/errors';
import { callerOf, type Problem, refuseUpgrade, requestIdOf, sessionOf, toProblem } from '@wave-connect/chassis/http';
import { requestId, runInContext } from '@wave-connect/chassis/observability';
import type { Revocations } from '@wave-connect/chassis/revocations';
import type { Part } from '@wave-connect/chassis/service';
import { WebSocketServer } from 'ws';
import type { Accounts } from '../domain/accounts.ts';
import { type Connection, type ConnectionParts, openConnection } from './connection.ts';

const PATH = /^\/api\/chat\/ws\/?(?:\?|$)/;

/** A larger frame closes the connection with 1009. */
const MAX_FRAME_BYTES = 64 * 1024;
/** When a person with too many sockets may try again, in seconds. */
const RETRY_AFTER_S = 10;
/** What a stop leaves of its time for those that it cuts off. */
const CUT_OFF_MS = 250;

/** The one owner of the server's upgrades: each becomes a connection or gets an explicit response. */
export function createSockets(
  server: Server,
  parts: ConnectionParts & { accounts: Accounts; revocations: Pick<Revocations, 'isRevoked'> },
): Part {
  const { accounts, revocations, hub, shedding, config, log } = parts;
  const connections = new Set<Connection>();
  let stopping = false;
  const handshakes = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: MAX_FRAME_BYTES,
  });
  handshakes.on('headers', (headers) => headers.push(`X-Request-Id: ${requestId()}`));
  handshakes.on('wsClientError', (error, socket) => refuseUpgrade(socket, badHandshake(error)));

  async function admit(req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    if (!PATH.test(req.url ?? '')) throw new NotFoundError('There is no WebSocket at this path.');
    const caller = callerOf(req);
    const owner = { userId: caller, sessionId: sessionOf(req) };
    shedding.assertRoom();
    assertRoomFor(caller);
    await accounts.assertExists(caller);
    // The gateway may not have known yet.
    if (revocations.isRevoked(owner)) throw new UnauthenticatedError('This session has ended: sign in again.');
    assertRoomFor(caller);
    handshakes.handleUpgrade(req, socket, head, (ws) => {
      const connection = openConnection(ws, owner, parts);
      connections.add(connection);
      // A gateway that stops ends its half. Before the listener of ws, which ends the other half without a close frame.
      socket.prependListener('end', connection.goAway);
      ws.once('close', () => connections.delete(connection));
    });
  }

  function assertRoomFor(caller: string): void {
    if (stopping) throw new UnavailableError('This server is shutting down; please connect again.');
    if (connections.size >= config.maxOpen) throw shedding.refuse('sockets');
    if (hub.countOf(caller) >= config.maxOpenPerUser) {
      throw new TooManyRequestsError('You have too many sockets open; close one first.', RETRY_AFTER_S);
    }
  }

  server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', (error) => log.debug({ err: error }, 'a connection broke'));
    runInContext({ requestId: requestIdOf(req.headers, { accept: true }) }, () => {
      admit(req, socket, head).catch((error) => {
        const problem = toProblem(error);
        if (problem.status >= 500 && !(error instanceof OverloadedError)) log.warn({ err: error }, 'upgrade refused');
        refuseUpgrade(socket, problem);
      });
    });
  });

  return {
    name: 'sockets',
    async stop(limitMs) {
      stopping = true;
      const waitMs = Math.min(config.closeTimeoutMs, limitMs - CUT_OFF_MS);
      const ended = Promise.all([...connections].map((connection) => connection.end()));
      await Promise.race([ended, sleep(waitMs, undefined, { ref: false })]);
      for (const connection of connections) connection.terminate();
    },
  };
}

const badHandshake = (error: Error): Problem => ({
  status: 400,
  code: 'invalid-request',
  detail: `${error.message}.`,
  headers: { 'Sec-WebSocket-Version': '13' },
});
