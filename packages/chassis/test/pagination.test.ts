import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { InvalidError } from '../src/errors.ts';
import { decodeCursor, encodeCursor, readPage } from '../src/pagination.ts';

test('a cursor comes back as the id it was made from', () => {
  const id = randomUUID();
  assert.equal(decodeCursor(encodeCursor(id)), id);
});

for (const cursor of ['', 'x', 'not a cursor', 'AAAAAAAAAAAAAAAAAAAAAB', '=====', 'A'.repeat(200)]) {
  test(`"${cursor.slice(0, 30)}" is no cursor`, () => assert.throws(() => decodeCursor(cursor), InvalidError));
}

test('walking the pages shows each row once, and the last page says that it is the last', async () => {
  const rows = Array.from({ length: 7 }, () => randomUUID()).sort();
  const seen: string[] = [];
  let cursor: string | undefined;
  let pages = 0;
  do {
    const page = await readPage(
      { limit: 3, cursor },
      async (after, take) => rows.filter((row) => after === undefined || row > after).slice(0, take),
      (row) => row,
      (row) => row,
    );
    seen.push(...page.items);
    cursor = page.next_cursor ?? undefined;
    pages += 1;
  } while (cursor !== undefined);
  assert.deepEqual(seen, rows);
  assert.equal(pages, 3);
});

test('a page that is just full has no next one', async () => {
  const page = await readPage(
    { limit: 2 },
    async () => [randomUUID(), randomUUID()],
    (row) => row,
    (row) => row,
  );
  assert.equal(page.next_cursor, null);
});
