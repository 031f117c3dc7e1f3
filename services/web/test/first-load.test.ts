import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

type Chunk = { file: string; isEntry?: boolean; imports?: string[]; dynamicImports?: string[] };
type Manifest = Record<string, Chunk>;

const MAX_BYTES = 120_000;

const dist = fileURLToPath(new URL('../dist/', import.meta.url));
assert.ok(existsSync(dist), 'the web app is built: make web-app');
const manifest: Manifest = JSON.parse(readFileSync(`${dist}.vite/manifest.json`, 'utf8'));
const [entry = ''] = Object.keys(manifest).filter((name) => manifest[name]?.isEntry);

/** What a browser loads for a chunk before it runs. */
function closure(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  for (const each of manifest[name]?.imports ?? []) closure(each, seen);
  return seen;
}

const compressedBytes = (names: Iterable<string>): number =>
  [...names].reduce((sum, name) => sum + readFileSync(`${dist}${manifest[name]?.file}.gz`).length, 0);

const pages = manifest[entry]?.dynamicImports ?? [];

test('there are pages that load by themselves', () => assert.ok(pages.length >= 7, pages.join()));

for (const page of pages) {
  test(`a first visit to ${page} loads at most ${MAX_BYTES} bytes of JavaScript, by gzip`, (t) => {
    const bytes = compressedBytes(closure(page, closure(entry)));
    t.diagnostic(`${bytes} bytes`);
    assert.ok(bytes <= MAX_BYTES, `${bytes} bytes`);
  });
}

test('scripts and styles have their content in their name', () => {
  for (const { file } of Object.values(manifest)) assert.match(file, /^assets\/[\w.-]+-[\w-]{8}\.(?:js|css)$/);
});
