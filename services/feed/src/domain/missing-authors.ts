import { LRUCache } from 'lru-cache';
import type { Author, VersionedAuthor } from '../repository/authors.ts';

/** People whom the profile service does not know, remembered for so long, in ms, so that no page asks for them again. */
const STRANGERS = 10_000;
const STRANGER_FOR_MS = 10_000;

type Answer = ReadonlyMap<string, Author>;

type MissingAuthorsOptions = {
  /** At most a page of ids at once. Undefined where there is no answer, which must not take longer than a page may. */
  ask: (userIds: string[]) => Promise<VersionedAuthor[] | undefined>;
  /** Stores what was answered, where nothing newer is known. */
  keep: (authors: VersionedAuthor[]) => Promise<void>;
  onKeepFailure: (error: unknown) => void;
};

/**
 * Authors whom no event has told of. Those of a page are asked for in one call, but for those that another page is
 * asking for at the moment, whose answer is shared. Pages do not wait until an answer is stored.
 */
export function createMissingAuthors({ ask, keep, onKeepFailure }: MissingAuthorsOptions) {
  const strangers = new LRUCache<string, true>({ max: STRANGERS, ttl: STRANGER_FOR_MS });
  /** Until the answer is stored, so that whoever does not find it in the table finds it here. */
  const onTheirWay = new Map<string, Promise<Answer>>();
  const work = new Set<Promise<void>>();

  function begin(userIds: string[]): void {
    const asked = ask(userIds);
    const answer = asked.then((authors = []) => new Map(authors.map((author) => [author.userId, author])));
    for (const userId of userIds) onTheirWay.set(userId, answer);
    const stored = asked
      .then(async (authors) => {
        if (authors === undefined) return;
        const found = new Set(authors.map(({ userId }) => userId));
        for (const userId of userIds) if (!found.has(userId)) strangers.set(userId, true);
        if (authors.length > 0) await keep(authors);
      })
      .catch(onKeepFailure)
      .finally(() => {
        for (const userId of userIds) onTheirWay.delete(userId);
        work.delete(stored);
      });
    work.add(stored);
  }

  return {
    async find(userIds: string[]): Promise<Author[]> {
      const wanted = userIds.filter((userId) => !strangers.has(userId));
      const notAsked = wanted.filter((userId) => !onTheirWay.has(userId));
      if (notAsked.length > 0) begin(notAsked);
      const answers = new Set(wanted.map((userId) => onTheirWay.get(userId)));
      const found = await Promise.all(answers);
      return wanted.flatMap((userId) => found.flatMap((answer) => answer?.get(userId) ?? []));
    },

    /** Resolves when all that was answered is stored. */
    async settled(): Promise<void> {
      await Promise.all(work);
    },
  };
}
