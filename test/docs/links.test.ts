import assert from 'node:assert/strict';
import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { namedPaths, tourPaths } from './references.ts';

const root = join(import.meta.dirname, '..', '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const exists = (path: string) => !path.startsWith('..') && globSync(path, { cwd: root }).length > 0;

const pages = ['README.md', ...globSync('docs/**/*.md', { cwd: root })];

describe('links and paths', () => {
  for (const page of pages) {
    test(`${page} names nothing that is not there`, () => {
      const missing = namedPaths(page, read(page)).filter((path) => !exists(path));
      assert.deepEqual(missing, []);
    });
  }

  test('each decision is listed, and their numbers run on', () => {
    const decisions = globSync('docs/decisions/[0-9]*.md', { cwd: root }).sort();
    const index = 'docs/decisions/README.md';
    assert.deepEqual(namedPaths(index, read(index)), decisions);
    const numbers = decisions.map((path) => Number(path.slice('docs/decisions/'.length).split('-')[0]));
    assert.deepEqual(
      numbers,
      numbers.map((_, at) => at + 1),
    );
  });

  test('there are pages to look at', () => assert.ok(pages.length > 10, pages.join()));

  const finds: { what: string; markdown: string; found: string[] }[] = [
    { what: 'a relative link', markdown: 'see [this](../gone.md#part)', found: ['gone.md'] },
    { what: 'an image', markdown: '![parts](parts.svg)', found: ['docs/parts.svg'] },
    { what: 'a path in backticks', markdown: 'in `packages/gone/src/x.ts`', found: ['packages/gone/src/x.ts'] },
    { what: 'a folder in backticks', markdown: 'in `services/gone/`', found: ['services/gone/'] },
    { what: 'a file of the root', markdown: 'in `gone.yaml`', found: ['gone.yaml'] },
  ];
  for (const { what, markdown, found } of finds) {
    test(`${what} that is gone is found`, () => {
      assert.deepEqual(namedPaths('docs/page.md', markdown), found);
      assert.deepEqual(found.filter(exists), []);
    });
  }

  for (const words of [
    '[site](https://example.com/x.md)',
    '[part](#part)',
    '`/api/feed/`',
    '`image/png`',
    '`.ts`',
    '`a b/c`',
  ]) {
    test(`${words} is no path`, () => assert.deepEqual(namedPaths('docs/page.md', words), []));
  }

  test('nothing outside of the repository counts as there', () => assert.ok(!exists(join('..', '..'))));
});

describe("the README's tour", () => {
  const listed = tourPaths(read('README.md'));

  test('lists only what is there', () => {
    assert.ok(listed.length > 10);
    assert.deepEqual(
      listed.filter((path) => !exists(path)),
      [],
    );
  });

  test('lists each folder of the root, each service and each package', () => {
    const folders = ['', 'services/', 'packages/'].flatMap(foldersIn);
    assert.ok(folders.includes('services/gateway/'));
    assert.deepEqual(
      folders.filter((folder) => !listed.includes(folder)),
      [],
    );
  });

  test('is read with its indentation', () => {
    const readme =
      '# A\n\n## The tour of the house\n\n```text\na.md      x\nb/        y\n  c/\n    d/e/  z\n  f\ng/\n```\n\nh/';
    assert.deepEqual(tourPaths(readme), ['a.md', 'b/', 'b/c/', 'b/c/d/e/', 'b/f', 'g/']);
  });
});

/** Folders that a clone holds: not hidden, not ignored, and with a file in them. */
function foldersIn(parent: string): string[] {
  const ignored = read('.gitignore').split('\n');
  return readdirSync(join(root, parent), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.') && !ignored.includes(`${entry.name}/`))
    .map((entry) => `${parent}${entry.name}/`)
    .filter((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).some((entry) => entry.isFile()),
    );
}
