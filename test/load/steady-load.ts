import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { type Asked, createHttpClient, describeReply, type HttpClient } from '../support/http-client.ts';
import type { Random } from '../support/random.ts';
import { bodyOf, createSession } from '../support/session.ts';
import { percentile, sum } from '../support/statistics.ts';
import { attemptedByFrame, type ChatClient, openChatClient } from './chat-client.ts';
import { newMarker, openBook, type Participant, undelivered } from './ledger.ts';
import { closeDelivered } from './load.ts';

export type SteadyLoadOptions = {
  /** Of the gateway. */
  url: string;
  random: Random;
  /** Requests per second, sent at their time even while those before are in flight. */
  rate: number;
  /** How many people ask; each of them has a chat socket open as well. */
  people?: number;
};

/** `at` is milliseconds from the start to when the request was due, `tookMs` from then to its end. */
type Failure = { request: string; why: string; at: number; tookMs: number };

export type SteadyResult = {
  requests: number;
  /** Every request that did not succeed: an error of any kind, no response, none in time. */
  failures: Failure[];
  /** Milliseconds from when a request was due to its end, of all that succeeded. */
  p50: number;
  p99: number;
  max: number;
  chat: ChatResult;
};

type ChatResult = {
  /** Messages sent by socket; `unanswered` where the socket closed first, which leaves open if they were stored. */
  sent: number;
  acknowledged: number;
  unanswered: number;
  /** Error frames. */
  refused: string[];
  /** Acknowledged messages that did not reach a device, live or by catching up. */
  missed: string[];
  /** Messages that came twice over one socket, or out of order. */
  odd: string[];
  disconnects: number;
  /** Of connections that the other side ended. */
  closeCodes: number[];
};

export type SteadyLoad = {
  /** Chat messages acknowledged so far. */
  messages(): number;
  stop(): Promise<SteadyResult>;
};

const PEOPLE = 20;
const TIMEOUT_MS = 10_000;
const MAX_SOCKETS = 256;

/**
 * Requests at a constant rate, three reads for two writes, and chat beside them: each must succeed, and none is retried.
 * Resolves once the people are there and the first request is due.
 */
export async function startSteadyLoad(options: SteadyLoadOptions): Promise<SteadyLoad> {
  const { url, random, rate } = options;
  const http = createHttpClient(url, { timeoutMs: TIMEOUT_MS, maxSockets: MAX_SOCKETS });
  const people = await settlePeople(url, http, options.people ?? PEOPLE);
  const chatter = startChatter(people);
  const begun = performance.now();
  const stopping = new AbortController();
  const failures: Failure[] = [];
  const times: number[] = [];

  async function ask({ by, method, path, content, ok }: SteadyRequest, due: number): Promise<void> {
    const reply = await by.session.send(method, path, content);
    const tookMs = performance.now() - begun - due;
    if ('status' in reply && reply.status === ok) times.push(tookMs);
    else failures.push({ request: `${method} ${path}`, why: describeReply(reply), at: Math.round(due), tookMs });
  }

  async function askOnAndOn(): Promise<Promise<void>[]> {
    const asked: Promise<void>[] = [];
    while (!stopping.signal.aborted) {
      const due = (asked.length * 1_000) / rate;
      const early = due - (performance.now() - begun);
      if (early > 0) await sleep(early, undefined, { signal: stopping.signal }).catch(() => {});
      if (!stopping.signal.aborted) asked.push(ask(nextRequest(people, random), due));
    }
    return asked;
  }

  const asking = askOnAndOn();
  return {
    messages: chatter.acknowledged,
    async stop() {
      stopping.abort();
      const asked = await asking;
      await Promise.all(asked);
      const chat = await chatter.stop();
      http.close();
      const [p50 = 0, p99 = 0, max = 0] = [50, 99, 100].map((percent) => Math.round(percentile(times, percent) || 0));
      return { requests: asked.length, failures, p50, p99, max, chat };
    },
  };
}

/** An account with a profile, a publication, and a device that is connected. */
export type Settled = Participant & { chat: ChatClient; username: string; post: string };

const CONNECTED_DEADLINE_MS = 60_000;

/** @throws where any request fails: nothing is disturbed yet */
export async function settlePeople(url: string, http: HttpClient, count: number): Promise<Settled[]> {
  const people: Settled[] = [];
  while (people.length < count) people.push(await settleOne(url, http));
  const connected = () => people.every(({ chat }) => chat.isCaughtUp());
  await waitFor('every device to be connected', connected, { deadlineMs: CONNECTED_DEADLINE_MS });
  return people;
}

async function settleOne(url: string, http: HttpClient): Promise<Settled> {
  const marker = newMarker();
  const session = createSession(http);
  session.id = bodyOf('registering', await session.register(), 201).id;
  await session.logIn();
  const username = `s_${session.id.replaceAll('-', '').slice(-20)}`;
  bodyOf('POST profile', await session.ask('POST', 'profile', { username, bio: marker }), 201);
  const { id: post } = bodyOf('POST feed', await session.ask('POST', 'feed', { text: marker }), 201);
  const chat = openChatClient(url, session);
  return { session, received: chat.received, left: false, chat, username, post };
}

type SteadyRequest = Pick<Asked, 'method' | 'path' | 'content'> & { by: Settled; ok: number };

const READS = 0.6;

/** The next request of one of the people. Nothing is ever deleted, so each of these must succeed. */
function nextRequest(people: readonly Settled[], random: Random): SteadyRequest {
  const by = random.pick(people);
  const other = random.pick(people.filter((person) => person !== by));
  return random.pick(random.next() < READS ? reads(by, other) : writes(by, other));
}

function reads(by: Settled, { session: { id }, post, username }: Settled): SteadyRequest[] {
  const paths = [
    'feed?limit=20',
    `feed/user/${id}`,
    `feed/${post}`,
    `feed/${post}/comment`,
    `profile/${id}`,
    `profile/username/${username}`,
    'chat/conversation',
    `chat/conversation/${id}`,
  ];
  return paths.map((path) => ({ by, method: 'GET', path, ok: 200 }));
}

function writes(by: Settled, { session: { id }, post }: Settled): SteadyRequest[] {
  const text = newMarker();
  return [
    { by, method: 'POST', path: 'feed', content: { text }, ok: 201 },
    { by, method: 'PUT', path: `feed/${by.post}`, content: { text }, ok: 200 },
    { by, method: 'POST', path: `feed/${post}/comment`, content: { text }, ok: 201 },
    { by, method: 'PUT', path: 'profile', content: { username: by.username, bio: text }, ok: 200 },
    { by, method: 'POST', path: 'chat', content: { receiver: id, text }, ok: 201 },
    { by, method: 'PUT', path: `chat/conversation/${id}/read`, ok: 204 },
  ];
}

const MESSAGE_EVERY_MS = 500;

/** Each of the people writes to the next one by socket, twice a second, until `stop`. */
function startChatter(people: readonly Settled[]) {
  const book = openBook();
  const refused: string[] = [];
  let unanswered = 0;
  const stopping = new AbortController();
  for (const person of people) book.known(person);

  async function say({ session, chat }: Settled, to: Settled): Promise<void> {
    const marker = newMarker();
    const frame = chat.send(to.session.id, marker);
    if (!frame) return;
    const reply = await frame;
    const intent = { kind: 'message', by: session.id, about: to.session.id, marker } as const;
    await book.write(intent, async () => attemptedByFrame(reply, to));
    if ('unknown' in reply) unanswered += 1;
    if ('refusal' in reply) refused.push(reply.refusal);
  }

  async function talk(person: Settled, to: Settled): Promise<void> {
    while (!stopping.signal.aborted) {
      await say(person, to);
      await sleep(MESSAGE_EVERY_MS, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  const talking = Promise.all(
    people.map((person, index) => talk(person, people[(index + 1) % people.length] ?? person)),
  );
  return {
    acknowledged: book.acknowledged,
    async stop(): Promise<ChatResult> {
      stopping.abort();
      await talking;
      await closeDelivered(people, book);
      const ledger = book.ledger();
      return {
        sent: ledger.writes.length,
        acknowledged: book.acknowledged(),
        unanswered,
        refused,
        missed: undelivered(ledger).map(({ message, to }) => `${message.id} to ${to.session.id}`),
        odd: people.flatMap(({ received }) => received.complaints.map(({ evidence }) => evidence)),
        disconnects: sum(people.map(({ chat }) => chat.disconnects)),
        closeCodes: people.flatMap(({ chat }) => chat.closeCodes),
      };
    },
  };
}
