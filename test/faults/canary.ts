import { on, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { type Body, createHttpClient, type HttpClient, type Reply } from './load/http-client.ts';
import { newMarker } from './load/ledger.ts';
import { evidenceOf } from './load/outcome.ts';
import { createSession, type Session } from './load/session.ts';

const REQUEST_TIMEOUT_MS = 3_000;
const LOOK_EVERY_MS = 250;
const NOT_FOUND = 404;
/** Devices of the receiver: enough that one of them is on another replica than the sender, most likely. */
const DEVICES = 3;

/**
 * Goes once all the way that people go, with new connections: two register and sign in, their profiles appear, one of
 * them completes theirs and publishes something, the name shows in the feed, and a chat message reaches the other one.
 * @throws where any step fails, or when `signal` aborts; the message names the step
 */
export async function runCanary(url: string, signal: AbortSignal): Promise<void> {
  const http = createHttpClient(url, { timeoutMs: REQUEST_TIMEOUT_MS });
  const sockets: WebSocket[] = [];
  try {
    const both = Promise.all([join(http, signal), join(http, signal)]);
    const [author, reader] = await step('registering', both);
    await step('publishing', publishUnderName(author, signal));
    await step('chatting', speak(url, author, reader, { sockets, signal }));
  } finally {
    for (const socket of sockets) socket.terminate();
    http.close();
  }
}

async function step<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new Error(`${name}: ${(error as Error).message}`, { cause: error });
  }
}

async function join(http: HttpClient, signal: AbortSignal): Promise<Session> {
  const session = createSession(http, `${newMarker()}@example.com`);
  session.id = expectStatus(201, await session.register(), signal).id;
  expectStatus(202, await session.logIn(), signal);
  await step(
    'waiting for the profile',
    eventually(session, `profile/${session.id}`, () => true, signal),
  );
  return session;
}

async function publishUnderName(author: Session, signal: AbortSignal): Promise<void> {
  const username = `c_${author.id.replaceAll('-', '').slice(-20)}`;
  expectStatus(201, await author.ask('POST', 'profile', { username, bio: 'A canary' }), signal);
  const post = expectStatus(201, await author.ask('POST', 'feed', { text: 'A canary' }), signal);
  await step(
    'waiting for the name in the feed',
    eventually(author, `feed/${post.id}`, ({ author: by }) => by?.username === username, signal),
  );
}

async function speak(
  url: string,
  sender: Session,
  receiver: Session,
  { sockets, signal }: { sockets: WebSocket[]; signal: AbortSignal },
): Promise<void> {
  const connect = async ({ token }: Session) => {
    const socket = new WebSocket(`${url.replace('http', 'ws')}/api/chat/ws`, {
      headers: { Authorization: `Bearer ${token}` },
      handshakeTimeout: REQUEST_TIMEOUT_MS,
    });
    sockets.push(socket.on('error', () => {}));
    await once(socket, 'open', { signal });
    return socket;
  };
  const devices = await Promise.all([sender, ...Array<Session>(DEVICES).fill(receiver)].map(connect));
  const text = newMarker();
  const heard = devices.map((socket) => hears(socket, text, signal));
  devices[0]?.send(JSON.stringify({ receiver: receiver.id, text }));
  await Promise.all(heard);
}

/** @throws where the connection ends before the message has come */
async function hears(socket: WebSocket, text: string, signal: AbortSignal): Promise<void> {
  for await (const [data] of on(socket, 'message', { signal, close: ['close'] })) {
    if (JSON.parse(String(data)).message?.text === text) return;
  }
  throw new Error('a chat connection ended before the message came');
}

/** Reads until the answer is as wished; not there yet counts as "not yet", whatever else is wrong fails. */
async function eventually(
  session: Session,
  path: string,
  isAsWished: (body: Body) => boolean,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const reply = await session.ask('GET', path);
    const isMissing = 'status' in reply && reply.status === NOT_FOUND;
    if (!isMissing && isAsWished(expectStatus(200, reply, signal))) return;
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

function expectStatus(status: number, reply: Reply, signal: AbortSignal): Body {
  signal.throwIfAborted();
  if ('status' in reply && reply.status === status) return reply.body;
  throw new Error(`${evidenceOf(reply)} instead of ${status}`);
}
