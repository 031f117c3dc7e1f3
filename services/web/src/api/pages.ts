import type { InfiniteData } from '@tanstack/react-query';

/** A list of the contract as far as it has been fetched. */
export type Page<Item> = { items: Item[]; next_cursor: string | null };
export type Pages<Item> = InfiniteData<Page<Item>, unknown>;

type Known = { id: string };

export const itemsOf = <Item>(pages: Pages<Item> | undefined): Item[] =>
  pages?.pages.flatMap(({ items }) => items) ?? [];

/** The next page's cursor, for `useInfiniteQuery`. */
export const nextCursor = (page: Page<unknown>): string | undefined => page.next_cursor ?? undefined;

/** What `change` makes of each item; undefined leaves it out. */
export function mapItems<Item>(pages: Pages<Item>, change: (item: Item) => Item | undefined): Pages<Item> {
  const changed = ({ items, ...rest }: Page<Item>) => ({
    ...rest,
    items: items.map(change).filter((item) => item !== undefined),
  });
  return { ...pages, pages: pages.pages.map(changed) };
}

export function prepend<Item>(pages: Pages<Item>, item: Item): Pages<Item> {
  const [first, ...rest] = pages.pages;
  return first ? { ...pages, pages: [{ ...first, items: [item, ...first.items] }, ...rest] } : pages;
}

export function append<Item>(pages: Pages<Item>, item: Item): Pages<Item> {
  const last = pages.pages.at(-1);
  // What is not fetched yet comes with its page.
  if (!last || last.next_cursor !== null) return pages;
  return { ...pages, pages: [...pages.pages.slice(0, -1), { ...last, items: [...last.items, item] }] };
}

/** What the newest page has and `pages` lack, what they have not come to yet aside. Ids of version 7 sort by time. */
export function missingFrom<Item extends Known>(pages: Pages<Item>, latest: Page<Item>): Item[] {
  const known = itemsOf(pages).map(({ id }) => id);
  const oldest = known.at(-1) ?? '';
  return latest.items.filter(({ id }) => id > oldest && !known.includes(id));
}

/** `pages` as the newest page has them now: what it covers is as it says, and gone where it says nothing. */
export function refreshed<Item extends Known>(pages: Pages<Item>, latest: Page<Item>): Pages<Item> {
  const current = new Map(latest.items.map((item) => [item.id, item]));
  const oldest = latest.next_cursor === null ? '' : (latest.items.at(-1)?.id ?? '');
  return mapItems(pages, (item) => current.get(item.id) ?? (item.id < oldest ? item : undefined));
}
