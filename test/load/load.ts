import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '@wave-connect/dev-env/waiting';
import { createHttpClient } from '../support/http-client.ts';
import type { Random } from '../support/random.ts';
import type { ChatClient } from './chat-client.ts';
import { type Book, type Ledger, openBook, undelivered } from './ledger.ts';
import { type Actor, choose, join, type Scene } from './people.ts';

export type LoadOptions = {
  /** Of the gateway. */
  url: string;
  random: Random;
  /** How many people are there at a time; each does one thing after the other. */
  actors: number;
  /** Things done per second, all people together, as far as responses come in time. */
  rate: number;
};

export type Load = {
  start(): void;
  /** Counts of requests by kind and outcome, which grow as the load runs, and how many were acknowledged. */
  readonly counts: Ledger['counts'];
  acknowledged(): number;
  /**
   * Ends it once every request has its response, and every device had its time to reconnect and to get what was
   * acknowledged: call it when the system is whole again.
   */
  stop(): Promise<Ledger>;
};

/** People who use the system through the gateway, and a ledger of what was acknowledged to them. */
export function createLoad({ url, random, actors, rate }: LoadOptions): Load {
  const book = openBook();
  const scene: Scene = { url, http: createHttpClient(url), random, book, people: [], posts: [], comments: [] };
  const ended = new AbortController();
  let next = 0;
  let acting: Promise<unknown> = Promise.resolve();

  /** Turns come at the rate; one that was not taken is not made up for. False once there are no more. */
  async function turn(): Promise<boolean> {
    const now = performance.now();
    next = Math.max(now, next + 1_000 / rate);
    await sleep(next - now, undefined, { signal: ended.signal }).catch(() => {});
    return !ended.signal.aborted;
  }

  async function act(): Promise<void> {
    let actor: Actor | undefined;
    while (await turn()) {
      if (!actor || actor.left) actor = await join(scene);
      else await choose(actor, random)(actor, scene);
    }
  }

  return {
    start() {
      acting = Promise.all(Array.from({ length: actors }, act));
      acting.catch(() => ended.abort());
    },
    counts: book.ledger().counts,
    acknowledged: book.acknowledged,
    async stop() {
      ended.abort();
      try {
        await acting;
      } finally {
        await closeDelivered(scene.people, book);
      }
      return book.ledger();
    },
  };
}

const DELIVERY_DEADLINE_MS = 60_000;

/** Gives devices their time to get what they are to get, and closes them. What is missing then is the audit's to find. */
export async function closeDelivered(people: readonly { chat: ChatClient }[], { ledger }: Book): Promise<void> {
  const delivered = () => people.every(({ chat }) => chat.isCaughtUp()) && undelivered(ledger()).length === 0;
  const options = { deadlineMs: DELIVERY_DEADLINE_MS, everyMs: 200 };
  await waitFor('the messages to be delivered', delivered, options).catch(() => {});
  await Promise.all(people.map(({ chat }) => chat.close()));
}
