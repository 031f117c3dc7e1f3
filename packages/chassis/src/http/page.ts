import type { Page } from '../pagination.ts';

export const presentPage = <Item, Shown>({ items, next_cursor }: Page<Item>, present: (item: Item) => Shown) => ({
  items: items.map(present),
  next_cursor,
});
