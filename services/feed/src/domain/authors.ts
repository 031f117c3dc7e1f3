import { type Page, type PageQuery, readPage } from '@wave-connect/chassis/pagination.ts';
import type { Author, AuthorTable } from '../repository/authors.ts';

/** Something written, with who wrote it; null while their profile is not completed. */
export type Authored<Item> = Item & { author: Byline | null };
export type Byline = { username: string; avatarUrl: string | null };

type Written = { id: string; userId: string };

/** Reads a page by its ids, and the authors of its items at once. */
export async function readAuthoredPage<Item extends Written>(
  authors: AuthorTable,
  query: PageQuery,
  read: (from: string | undefined, take: number) => Promise<Item[]>,
): Promise<Page<Authored<Item>>> {
  const idOf = ({ id }: Item) => id;
  const page = await readPage(query, read, idOf, (item) => item);
  return { ...page, items: await withAuthors(authors, page.items) };
}

export async function withAuthor<Item extends Written>(authors: AuthorTable, item: Item): Promise<Authored<Item>> {
  const [author] = await authors.find([item.userId]);
  return { ...item, author: author ? bylineOf(author) : null };
}

async function withAuthors<Item extends Written>(authors: AuthorTable, items: Item[]): Promise<Authored<Item>[]> {
  const userIds = new Set(items.map(({ userId }) => userId));
  const found = userIds.size === 0 ? [] : await authors.find([...userIds]);
  const bylines = new Map(found.map((author) => [author.userId, bylineOf(author)]));
  return items.map((item) => ({ ...item, author: bylines.get(item.userId) ?? null }));
}

export const bylineOf = ({ username, avatarUrl }: Pick<Author, 'username' | 'avatarUrl'>): Byline | null =>
  username === null ? null : { username, avatarUrl };
