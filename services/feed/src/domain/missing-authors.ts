import type { FoundProfile } from '@wave-connect/contracts/profile-service.ts';
import { LRUCache } from 'lru-cache';
import type { Author, VersionedAuthor } from '../repository/authors.ts';

/** The negative cache: people whom profile does not know, and for how long, in ms, no page asks for them again. */
const MAX_UNKNOWN = 10_000;
const UNKNOWN_FOR_MS = 10_000;

type Found = ReadonlyMap<string, Author>;

type MissingAuthorsOptions = {
  /** At most a page of ids at once. Undefined where profile does not respond, for which a page does not wait long. */
  ask: (userIds: string[]) => Promise<VersionedAuthor[] | undefined>;
  /** Stores what profile responded, where nothing newer is known. */
  keep: (authors: VersionedAuthor[]) => Promise<void>;
  onKeepFailure: (error: unknown) => void;
};

/**
 * Authors of whom no event has told. One call asks for those of a page, except for those that another page is asking
 * for at the moment: pages share that response (single-flight). Pages do not wait until a response is stored.
 */
export function createMissingAuthors({ ask, keep, onKeepFailure }: MissingAuthorsOptions) {
  const unknown = new LRUCache<string, true>({ max: MAX_UNKNOWN, ttl: UNKNOWN_FOR_MS });
  /** Until the response is stored: a page that does not find an author in the table finds it here. */
  const inFlight = new Map<string, Promise<Found>>();
  const work = new Set<Promise<void>>();

  function begin(userIds: string[]): void {
    const asked = ask(userIds);
    const found = asked.then((authors = []) => new Map(authors.map((author) => [author.userId, author])));
    for (const userId of userIds) inFlight.set(userId, found);
    const stored = asked
      .then(async (authors) => {
        if (authors === undefined) return;
        const known = new Set(authors.map(({ userId }) => userId));
        for (const userId of userIds) if (!known.has(userId)) unknown.set(userId, true);
        if (authors.length > 0) await keep(authors);
      })
      .catch(onKeepFailure)
      .finally(() => {
        for (const userId of userIds) inFlight.delete(userId);
        work.delete(stored);
      });
    work.add(stored);
  }

  return {
    async find(userIds: string[]): Promise<Author[]> {
      const wanted = userIds.filter((userId) => !unknown.has(userId));
      const notAsked = wanted.filter((userId) => !inFlight.has(userId));
      if (notAsked.length > 0) begin(notAsked);
      const responses = await Promise.all(new Set(wanted.map((userId) => inFlight.get(userId))));
      return wanted.flatMap((userId) => responses.flatMap((found) => found?.get(userId) ?? []));
    },

    /** Resolves when all that profile responded is stored. */
    async settled(): Promise<void> {
      await Promise.all(work);
    },
  };
}

export const toAuthor = ({ id, username, avatarUrl, version }: FoundProfile): VersionedAuthor => ({
  userId: id,
  username: username ?? null,
  avatarUrl: avatarUrl ?? null,
  version: BigInt(version),
});
