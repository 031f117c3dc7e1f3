import { setTimeout as sleep } from 'node:timers/promises';
import type { Random } from '../random.ts';
import { type ChatterResult, startChatter } from './chatter.ts';
import { createHttpClient, type Reply } from './http-client.ts';
import { evidenceOf } from './outcome.ts';
import { settlePeople } from './steady-people.ts';
import { nextRequest, type SteadyRequest } from './steady-requests.ts';

export type SteadyLoadOptions = {
  /** Of the gateway. */
  url: string;
  random: Random;
  /** Requests per second, sent at their time whatever has become of those before. */
  rate: number;
  /** How many ask; each of them has a chat socket open as well. */
  people?: number;
};

/** `at` is milliseconds from the start to when the request was due, `tookMs` from then to its end. */
export type Failure = { request: string; why: string; at: number; tookMs: number };

export type SteadyResult = {
  requests: number;
  /** Every request that was not answered with success: an error of any kind, no answer, no answer in time. */
  failures: Failure[];
  /** Milliseconds from when a request was due to its end, of all that were answered with success. */
  p50: number;
  p99: number;
  max: number;
  chat: ChatterResult;
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
 * Requests at a constant rate, three reads for two writes, and chat beside them: nothing is asked that could be
 * refused, and nothing is tried a second time. Resolves once the people are there and the first request is due.
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
    const reply: Reply = await http.send({ method, path, token: by.session.token, ...(content && { content }) });
    const tookMs = performance.now() - begun - due;
    if ('status' in reply && reply.status === ok) times.push(tookMs);
    else failures.push({ request: `${method} ${path}`, why: evidenceOf(reply), at: Math.round(due), tookMs });
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
      return { requests: asked.length, failures, ...percentiles(times), chat };
    },
  };
}

function percentiles(times: number[]): Pick<SteadyResult, 'p50' | 'p99' | 'max'> {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.floor(share * (sorted.length - 1))] ?? 0);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
