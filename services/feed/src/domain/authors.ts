import { type Page, type PageQuery, readPage } from '@wave-connect/chassis/pagination';
import type { Author } from '../repository/authors.ts';

/** Something written, with who wrote it; null while their profile is not completed. */
export type Authored<Item> = Item & { author: Byline | null };
export type Byline = { username: string; avatarUrl: string | null };

export type Present<Item, Body> = (item: Authored<Item>) => Body;

/** Finds people by their ids; unknown ones are left out. */
type Find = (userIds: string[]) => Promise<Author[]>;

/** `find` asks of everybody, `findMissing` of those that the table is known not to have. */
export type Authors = { find: Find; findMissing: Find };

type Written = { id: string; userId: string };
type Listed = Written & Pick<Author, 'username' | 'avatarUrl'> & { authorKnown: boolean };

export const createAuthors = (known: { find: Find }, missing: { find: Find }): Authors => ({
  async find(userIds) {
    const found = await known.find(userIds);
    const ids = new Set(found.map(({ userId }) => userId));
    const others = userIds.filter((userId) => !ids.has(userId));
    return others.length === 0 ? found : [...found, ...(await missing.find(others))];
  },
  findMissing: missing.find,
});

/** Reads a page by its ids, and the authors of its items at once. */
export async function readAuthoredPage<Item extends Written>(
  authors: Authors,
  query: PageQuery,
  read: (from: string | undefined, take: number) => Promise<Item[]>,
): Promise<Page<Authored<Item>>> {
  const idOf = ({ id }: Item) => id;
  const page = await readPage(query, read, idOf, (item) => item);
  return { ...page, items: await withAuthors(authors, page.items) };
}

export const withAuthor = async <Item extends Written>(authors: Authors, item: Item): Promise<Authored<Item>> => ({
  ...item,
  author: await readByline(authors, item.userId),
});

/** For what that person is about to write: nothing that can fail may run between the commit and the response. */
export async function readByline(authors: Authors, userId: string): Promise<Byline | null> {
  const [author] = await authors.find([userId]);
  return author ? bylineOf(author) : null;
}

/** For items that were read together with the authors that the table has. */
export async function withMissing<Item extends Listed>(authors: Authors, items: Item[]): Promise<Authored<Item>[]> {
  const missing = await bylinesOf(
    authors.findMissing,
    items.filter(({ authorKnown }) => !authorKnown),
  );
  const author = (item: Item) => (item.authorKnown ? bylineOf(item) : (missing.get(item.userId) ?? null));
  return items.map((item) => ({ ...item, author: author(item) }));
}

async function withAuthors<Item extends Written>(authors: Authors, items: Item[]): Promise<Authored<Item>[]> {
  const bylines = await bylinesOf(authors.find, items);
  return items.map((item) => ({ ...item, author: bylines.get(item.userId) ?? null }));
}

async function bylinesOf(find: Find, items: Written[]): Promise<Map<string, Byline | null>> {
  const userIds = new Set(items.map(({ userId }) => userId));
  const found = userIds.size === 0 ? [] : await find([...userIds]);
  return new Map(found.map((author) => [author.userId, bylineOf(author)]));
}

const bylineOf = ({ username, avatarUrl }: Pick<Author, 'username' | 'avatarUrl'>): Byline | null =>
  username === null ? null : { username, avatarUrl };
