import { waitFor } from '@wave-connect/dev-env/waiting';
import type { Random } from '../random.ts';
import { join } from './accounts.ts';
import { createBook } from './book.ts';
import { choose } from './choice.ts';
import { undelivered } from './deliveries.ts';
import { createHttpClient } from './http-client.ts';
import type { Counts, Ledger } from './ledger.ts';
import { createPace } from './pace.ts';
import type { Person, Scene } from './scene.ts';

export type LoadOptions = {
  /** Of the gateway. */
  url: string;
  random: Random;
  /** How many people are there at a time; each does one thing after the other. */
  actors: number;
  /** Things done per second, all people together, as far as answers come in time. */
  rate: number;
};

export type Load = {
  start(): void;
  /** Pauses what people do; their devices stay connected. */
  setPaused(paused: boolean): void;
  /** Grow as the load runs. */
  readonly counts: Counts;
  /**
   * Ends it once every request has its answer, and every device had its time to reconnect and to get what was
   * acknowledged: call it when the system is whole again.
   */
  stop(): Promise<Ledger>;
};

/** How long devices have, in ms, to get what they are to get. What is missing then is the audit's to find. */
const DELIVERY_DEADLINE_MS = 60_000;

/** People who use the system through the gateway, and a ledger of what they were promised. */
export function createLoad({ url, random, actors, rate }: LoadOptions): Load {
  const book = createBook();
  const pace = createPace(rate);
  const scene: Scene = { url, http: createHttpClient(url), random, book, people: [], posts: [], comments: [] };
  let acting: Promise<unknown> = Promise.resolve();

  async function act(): Promise<void> {
    let person: Person | undefined;
    while (await pace.turn()) {
      if (!person || person.left) person = await join(scene);
      else await choose(person, random)(person, scene);
    }
  }

  async function deliver(): Promise<void> {
    const { people } = scene;
    const all = () => people.every(({ chat }) => chat.isCaughtUp()) && undelivered(book.ledger()).length === 0;
    await waitFor('what was said to arrive', all, { deadlineMs: DELIVERY_DEADLINE_MS, everyMs: 200 }).catch(() => {});
    await Promise.all(people.map(({ chat }) => chat.close()));
  }

  return {
    start() {
      acting = Promise.all(Array.from({ length: actors }, act));
      acting.catch(() => pace.end());
    },
    setPaused: pace.setPaused,
    counts: book.counts,
    async stop() {
      pace.end();
      try {
        await acting;
      } finally {
        await deliver();
      }
      return book.ledger();
    },
  };
}
