import { InvalidError } from './errors.ts';

export type PageQuery = { limit: number; cursor?: string | undefined };
export type Page<Item> = { items: Item[]; next_cursor: string | null };

const UUID_BYTES = 16;

/** An opaque keyset cursor: the id of the last item shown. */
export function encodeCursor(id: string): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}

/** @throws InvalidError for anything that `encodeCursor` did not make */
export function decodeCursor(cursor: string): string {
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes.length !== UUID_BYTES || bytes.toString('base64url') !== cursor) {
    const message = 'is not a cursor of this list';
    throw new InvalidError(`cursor ${message}`, [{ path: '/query/cursor', message }]);
  }
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/**
 * Reads one page by asking for one row more than it shows, which tells whether another page follows.
 * `read` gets the id to go on from, if any, and how many rows to return.
 */
export async function readPage<Row, Item>(
  query: PageQuery,
  read: (after: string | undefined, take: number) => Promise<Row[]>,
  idOf: (row: Row) => string,
  present: (row: Row) => Item,
): Promise<Page<Item>> {
  const after = query.cursor === undefined ? undefined : decodeCursor(query.cursor);
  const rows = await read(after, query.limit + 1);
  const shown = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? shown.at(-1) : undefined;
  return { items: shown.map(present), next_cursor: last === undefined ? null : encodeCursor(idOf(last)) };
}

export const presentPage = <Item, Shown>({ items, next_cursor }: Page<Item>, present: (item: Item) => Shown) => ({
  items: items.map(present),
  next_cursor,
});
