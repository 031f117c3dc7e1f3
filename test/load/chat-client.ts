import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { readAllPages, type Session } from '../support/session.ts';
import type { Attempted } from './ledger.ts';

type ChatMessage = { id: string; text: string; sender: string; receiver: string; time_sent: string };

/** How the server replied to a frame; `unknown` where it did not. */
type FrameReply = { message: ChatMessage } | { refusal: string } | { unknown: string };

export type ChatClient = {
  readonly received: Received;
  /** Connected, and caught up with all messages meanwhile. */
  isCaughtUp(): boolean;
  /** How often it has lost its connection. */
  readonly disconnects: number;
  /** With which codes connections ended that had been open, those aside that it closed itself. */
  readonly closeCodes: readonly number[];
  /** Undefined without a connection: nothing was sent. */
  send(receiver: string, text: string): Promise<FrameReply> | undefined;
  close(): Promise<void>;
};

const REPLY_TIMEOUT_MS = 35_000;
const HANDSHAKE_TIMEOUT_MS = 10_000;
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 3_000;
/** A connection without a sign of life for twice that long is ended. */
const PING_MS = 5_000;
/** The session has ended, or the account has been deleted. */
const SESSION_ENDED = 4401;

/** A device of an account: keeps itself connected until it is closed, and catches up after every loss of the connection. */
export function openChatClient(url: string, session: Session): ChatClient {
  const received = createReceived();
  const stopping = new AbortController();
  const waiting = new Map<string, (reply: FrameReply) => void>();
  let socket: WebSocket | undefined;
  let caughtUp = false;
  const closeCodes: number[] = [];
  let disconnects = 0;
  let sent = 0;

  function hear(text: string, onSocket: Set<string>): void {
    const frame = JSON.parse(text);
    const resolve = waiting.get(frame.client_id);
    if (frame.type === 'message') {
      received.live(frame.message, onSocket);
      resolve?.({ message: frame.message });
    } else {
      resolve?.({ refusal: `${frame.title}: ${frame.detail}` });
    }
  }

  async function catchUp(): Promise<void> {
    for (const { peer_id: peer, last_message: last } of await readAllPages(session, 'chat/conversation')) {
      const after = received.since(peer);
      if (last.id <= after) continue;
      received.caughtUp(peer, await readAllPages(session, `chat/conversation/${peer}`, { after }));
    }
  }

  /** Resolves when the connection has ended, with the code of its close. */
  async function beConnected(): Promise<number> {
    const ws = new WebSocket(`${url.replace('http', 'ws')}/api/chat/ws`, {
      headers: { Authorization: `Bearer ${session.token}` },
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
    });
    const onSocket = new Set<string>();
    const closed = Promise.withResolvers<number>();
    ws.on('message', (data) => hear(String(data), onSocket));
    ws.on('close', closed.resolve);
    const stopWatching = watch(ws);
    const end = () => ws.close();
    stopping.signal.addEventListener('abort', end, { once: true });
    try {
      await opened(ws, session);
      socket = ws;
      await catchUp();
      caughtUp = true;
      return await closed.promise;
    } finally {
      if (socket && !stopping.signal.aborted) disconnects += 1;
      caughtUp = false;
      socket = undefined;
      stopWatching();
      stopping.signal.removeEventListener('abort', end);
      ws.terminate();
      for (const resolve of waiting.values()) resolve({ unknown: 'the socket closed' });
    }
  }

  async function stayConnected(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    while (!stopping.signal.aborted) {
      try {
        const code = await beConnected();
        if (!stopping.signal.aborted) closeCodes.push(code);
        if (code === SESSION_ENDED) return;
        pause = FIRST_PAUSE_MS;
      } catch {
        pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
      }
      if (stopping.signal.aborted) return;
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const done = stayConnected();
  return {
    received,
    isCaughtUp: () => caughtUp,
    closeCodes,
    get disconnects() {
      return disconnects;
    },
    send(receiver, text) {
      if (socket?.readyState !== WebSocket.OPEN) return undefined;
      sent += 1;
      const clientId = String(sent);
      const { promise, resolve } = Promise.withResolvers<FrameReply>();
      const timer = setTimeout(() => resolve({ unknown: 'TIMEOUT' }), REPLY_TIMEOUT_MS);
      waiting.set(clientId, resolve);
      socket.send(JSON.stringify({ receiver, text, client_id: clientId }));
      return promise.finally(() => {
        clearTimeout(timer);
        waiting.delete(clientId);
      });
    },
    async close() {
      stopping.abort();
      await done;
    },
  };
}

/** @throws where the server does not take the upgrade; after a 401 with a token renewed for the next attempt */
async function opened(ws: WebSocket, session: Session): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  ws.once('open', resolve).on('error', reject);
  ws.once('unexpected-response', (_, { statusCode }) => reject(Object.assign(new Error('no upgrade'), { statusCode })));
  try {
    await promise;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 401) await session.logIn();
    throw error;
  }
}

/** Pings, and gives the connection up where nothing comes back. Returns what ends it. */
function watch(ws: WebSocket): () => void {
  let alive = true;
  for (const sign of ['pong', 'ping', 'message']) {
    ws.on(sign, () => {
      alive = true;
    });
  }
  const timer = setInterval(() => {
    if (ws.readyState !== WebSocket.OPEN) return;
    if (alive) ws.ping();
    else ws.terminate();
    alive = false;
  }, PING_MS);
  return () => clearInterval(timer);
}

/** Titles as the statuses that they belong to. */
const MAY_HAVE_HAPPENED = /^(Bad Gateway|Gateway Timeout)/;
const TURNED_AWAY = /^(Unauthorized|Too Many Requests|Service Unavailable)/;

/** The outcome of a message whose receiver may have left. */
export function attemptedByFrame(reply: FrameReply, receiver: { left: boolean }): Attempted {
  if ('message' in reply) return { outcome: 'acknowledged', id: reply.message.id };
  if ('unknown' in reply) return { outcome: 'unknown', evidence: reply.unknown };
  const { refusal } = reply;
  const isRefusal = TURNED_AWAY.test(refusal) || (receiver.left && refusal.startsWith('Not Found'));
  if (isRefusal) return { outcome: 'refused', evidence: refusal };
  return { outcome: MAY_HAVE_HAPPENED.test(refusal) ? 'unknown' : 'violation', evidence: refusal };
}

/** Before every id of a message. */
const NIL_ID = '00000000-0000-0000-0000-000000000000';

export type Received = ReturnType<typeof createReceived>;

/** The messages that have reached an account: live, and by catching up. */
function createReceived() {
  const messages = new Map<string, ChatMessage>();
  /** Up to where the history with each peer was read; what comes live may have gaps before it. */
  const caughtUpTo = new Map<string, string>();
  const complaints: { kind: 'doubled' | 'wrong'; evidence: string }[] = [];
  const complain = (kind: 'doubled' | 'wrong', evidence: string) => complaints.push({ kind, evidence });

  function see(message: ChatMessage): void {
    const known = messages.get(message.id);
    if (known && known.text !== message.text) complain('wrong', `message ${message.id} came with two texts`);
    messages.set(message.id, message);
  }

  return {
    messages,
    complaints,
    /** `onSocket` holds the ids that have come over the same socket. */
    live(message: ChatMessage, onSocket: Set<string>): void {
      if (onSocket.has(message.id)) complain('doubled', `message ${message.id} came twice over one socket`);
      onSocket.add(message.id);
      see(message);
    },
    /** The id of a message, for `after`. */
    since: (peer: string): string => caughtUpTo.get(peer) ?? NIL_ID,
    /** What followed `since(peer)`, oldest first. */
    caughtUp(peer: string, history: readonly ChatMessage[]): void {
      let last = caughtUpTo.get(peer) ?? NIL_ID;
      for (const message of history) {
        if (message.id <= last) complain('wrong', `catching up with ${peer}: ${message.id} came behind ${last}`);
        last = message.id;
        see(message);
      }
      caughtUpTo.set(peer, last);
    },
  };
}
