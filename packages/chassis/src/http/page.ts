import type { Request } from 'express';
import type { Page, PageQuery } from '../pagination.ts';

/** As the contract's validator leaves it: checked, numbers as numbers, defaults filled in. */
export const pageQuery = (req: Pick<Request, 'query'>): PageQuery => req.query as unknown as PageQuery;

export const presentPage = <Item, Shown>({ items, next_cursor }: Page<Item>, present: (item: Item) => Shown) => ({
  items: items.map(present),
  next_cursor,
});
