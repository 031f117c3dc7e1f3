import type { DeadLetterReason, Event } from './event.ts';

/** Characters of an error that go with a dead letter; its headers must fit beside the largest event. */
const MAX_ERROR = 2_000;

/** An event that was given up. Why is in its `deadLetter`. */
export type DeadLetter = {
  /** Where the event came from and goes back to. */
  topic: string;
  /** The event's id, or its place, such as `@17`, where it came without one. */
  id: string;
  event: Event;
};

/** The port for dead letters; adapters are those of the event bus, and the bus's contract suite holds both. */
export type DeadLetterBox = {
  /**
   * Walks the letters of these topics that are outstanding now, batch by batch, the oldest of a topic first. Those
   * that `visit` returns are marked done, durably, before the next batch comes. Rejects where the bus cannot be
   * reached, lacks such a topic, or somebody else is at the letters.
   */
  walk(topics: readonly string[], visit: (batch: DeadLetter[]) => Promise<DeadLetter[]>): Promise<void>;
  /** Publishes the events as they came; resolves once the bus has stored all of them. */
  publish(letters: readonly DeadLetter[]): Promise<void>;
  close(): Promise<void>;
};

export type Selection = {
  topics: readonly string[];
  /** Every event when empty. */
  ids: readonly string[];
  /** Letters at most; the oldest of each topic come first. */
  limit: number;
  /** Whether what is returned holds the events' data. */
  withData?: boolean;
};

export type Selected = {
  letters: DeadLetter[];
  /** How many letters of these topics are outstanding now. */
  outstanding: number;
};

/** The letters that are neither replayed nor discarded. */
export const listDeadLetters = (box: DeadLetterBox, selection: Selection): Promise<Selected> =>
  walkSelected(box, selection, async () => []);

/**
 * Publishes the events again and marks them done, in this order: cut short, it repeats some, which an inbox absorbs.
 * Each reaches every group of its topic, so an event that several groups have given up is published once.
 */
export function replayDeadLetters(box: DeadLetterBox, selection: Selection): Promise<Selected> {
  const published = new Set<string>();
  const isFirst = ({ topic, id }: DeadLetter) => published.size < published.add(`${topic} ${id}`).size;
  return walkSelected(box, selection, async (letters) => {
    const events = letters.filter(isFirst);
    if (events.length > 0) await box.publish(events);
    return letters;
  });
}

/** Marks the letters done; what they tell of does not happen. */
export const discardDeadLetters = (box: DeadLetterBox, selection: Selection): Promise<Selected> =>
  walkSelected(box, selection, async (letters) => letters);

/** Hands what is selected to `settle`, which returns those that are done. */
async function walkSelected(
  box: DeadLetterBox,
  { topics, ids, limit, withData = false }: Selection,
  settle: (letters: DeadLetter[]) => Promise<DeadLetter[]>,
): Promise<Selected> {
  const selected: Selected = { letters: [], outstanding: 0 };
  await box.walk(topics, async (batch) => {
    const wanted = batch.filter(({ id }) => ids.length === 0 || ids.includes(id));
    const letters = wanted.slice(0, limit - selected.letters.length);
    const done = await settle(letters);
    selected.letters.push(...(withData ? letters : letters.map(withoutData)));
    selected.outstanding += batch.length - done.length;
    return done;
  });
  return selected;
}

const withoutData = (letter: DeadLetter): DeadLetter => ({ ...letter, event: { ...letter.event, data: undefined } });

export const bounded = (reason: DeadLetterReason): DeadLetterReason => ({
  ...reason,
  error: reason.error.slice(0, MAX_ERROR),
});
