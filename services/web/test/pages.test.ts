import assert from 'node:assert/strict';
import { test } from 'node:test';
import { append, itemsOf, missingFrom, type Page, type Pages, prepend, refreshed } from '../src/api/pages.ts';

type Item = { id: string; text?: string };

const page = (ids: string, next: string | null = null): Page<Item> => ({
  items: [...ids].map((id) => ({ id })),
  next_cursor: next,
});
const pages = (...all: Page<Item>[]): Pages<Item> => ({ pages: all, pageParams: all.map(() => undefined) });
const ids = (items: Item[]) => items.map(({ id }) => id).join('');

test('what is new is what came since, also where one has written something oneself meanwhile', () => {
  const shown = prepend(pages(page('cba')), { id: 'e' });
  assert.equal(ids(missingFrom(shown, page('fedcba'))), 'fd');
});

test('what has not been scrolled to yet is not new', () => {
  assert.equal(ids(missingFrom(pages(page('fe', 'cursor')), page('fedc', 'cursor'))), '');
});

test('everything is new to an empty list', () => {
  assert.equal(ids(missingFrom(pages(page('')), page('ba'))), 'ba');
});

test('what shows is brought up to date and what was deleted goes, but nothing older is touched', () => {
  const latest = { items: [{ id: 'f' }, { id: 'd', text: 'edited' }], next_cursor: 'cursor' };
  const shown = refreshed(pages(page('fed', 'x'), page('cb')), latest);
  assert.equal(ids(itemsOf(shown)), 'fdcb');
  assert.equal(itemsOf(shown)[1]?.text, 'edited');
});

test('where the newest page is all there is, everything else is gone', () => {
  assert.equal(ids(itemsOf(refreshed(pages(page('dcba')), page('db')))), 'db');
});

test('what comes last waits for its page where that has not been fetched', () => {
  assert.equal(ids(itemsOf(append(pages(page('ab')), { id: 'c' }))), 'abc');
  assert.equal(ids(itemsOf(append(pages(page('ab', 'cursor')), { id: 'z' }))), 'ab');
});
