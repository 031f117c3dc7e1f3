import { on, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { newMarker } from '../../load/ledger.ts';
import { type Body, createHttpClient, type HttpClient, type Reply } from '../../support/http-client.ts';
import { bodyOf, createSession, type Session } from '../../support/session.ts';

/** @throws where the system does not do all that it should, and when `signal` aborts */
export type Canary = (signal: AbortSignal) => Promise<void>;

export type RecoveryOptions = {
  /** Between the starts of two canaries, in ms: what the time of recovery is exact to. */
  everyMs: number;
  /** What a canary gets, in ms. */
  limitMs: number;
  /** How many may be in flight. */
  atOnce: number;
  deadlineMs: number;
  signal?: AbortSignal | undefined;
};

/** Milliseconds until the first success; undefined at the deadline, with what the last failure was. */
export type Recovery = { ms: number | undefined; lastFailure: string | undefined };

/** Sends canaries at intervals, not waiting for one another as long as they are few, until the first is through. */
export async function untilRecovered(canary: Canary, options: RecoveryOptions): Promise<Recovery> {
  const begun = performance.now();
  const done = new AbortController();
  const stop = AbortSignal.any([done.signal, ...(options.signal ? [options.signal] : [])]);
  let ms: number | undefined;
  let lastFailure: string | undefined;
  let inFlight = 0;

  async function send(): Promise<void> {
    inFlight += 1;
    try {
      await canary(AbortSignal.any([stop, AbortSignal.timeout(options.limitMs)]));
      ms ??= Math.round(performance.now() - begun);
      done.abort();
    } catch (error) {
      if (!stop.aborted) lastFailure = (error as Error).message;
    } finally {
      inFlight -= 1;
    }
  }

  const sent: Promise<void>[] = [];
  while (!stop.aborted && performance.now() - begun < options.deadlineMs) {
    if (inFlight < options.atOnce) sent.push(send());
    await sleep(options.everyMs, undefined, { signal: stop }).catch(() => {});
  }
  await Promise.all(sent);
  options.signal?.throwIfAborted();
  return { ms, lastFailure };
}

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
    const [author, reader] = await Promise.all([join(http, signal), join(http, signal)]);
    await publishUnderName(author, signal);
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
  const session = createSession(http);
  session.id = expectBody('registering', await session.register(), 201, signal).id;
  expectBody('signing in', await session.logIn(), 202, signal);
  await eventually('waiting for the profile', session, `profile/${session.id}`, () => true, signal);
  return session;
}

async function publishUnderName(author: Session, signal: AbortSignal): Promise<void> {
  const username = `c_${author.id.replaceAll('-', '').slice(-20)}`;
  const profile = { username, bio: 'A canary' };
  expectBody('completing the profile', await author.ask('POST', 'profile', profile), 201, signal);
  const post = expectBody('publishing', await author.ask('POST', 'feed', { text: 'A canary' }), 201, signal);
  const isNamed = ({ author: by }: Body) => by?.username === username;
  await eventually('waiting for the name in the feed', author, `feed/${post.id}`, isNamed, signal);
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

/** Reads until the response is as wished; not there yet counts as "not yet", any other failure fails. */
async function eventually(
  what: string,
  session: Session,
  path: string,
  isAsWished: (body: Body) => boolean,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    const reply = await session.ask('GET', path);
    const isMissing = 'status' in reply && reply.status === NOT_FOUND;
    if (!isMissing && isAsWished(expectBody(what, reply, 200, signal))) return;
    await step(what, sleep(LOOK_EVERY_MS, undefined, { signal }));
  }
}

function expectBody(what: string, reply: Reply, status: number, signal: AbortSignal): Body {
  if (signal.aborted) throw new Error(`${what}: ${signal.reason}`);
  return bodyOf(what, reply, status);
}
