import type { Body } from './http-client.ts';
import type { Session } from './session.ts';

const PAGE_SIZE = 100;
const MAX_ATTEMPTS = 5;

/**
 * All pages of a list, in the order in which they come. `query` is what the path needs besides limit and cursor.
 * @throws what kept answering, where a page cannot be had
 */
export async function readAllPages(
  session: Session,
  path: string,
  query: Record<string, string> = {},
): Promise<Body[]> {
  const items: Body[] = [];
  let cursor: string | null = null;
  do {
    const given = new URLSearchParams({ ...query, limit: String(PAGE_SIZE), ...(cursor !== null && { cursor }) });
    const page = await readPage(session, `${path}?${given}`);
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return items;
}

async function readPage(session: Session, path: string): Promise<Body> {
  let last = '';
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const reply = await session.ask('GET', path);
    if ('status' in reply && reply.status === 200) return reply.body;
    last = 'status' in reply ? String(reply.status) : reply.error;
  }
  throw new Error(`GET ${path}: ${last}`);
}
