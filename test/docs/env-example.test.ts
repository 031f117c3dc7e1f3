import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** What compose makes of it, not a service. */
const COMPOSE = /^DB_(?:AUTH|CHAT|FEED|PROFILE)_/;

/** Variables that configuration code reads: the keys of the shapes given to readEnv, and the files of those secret. */
const readBy = (source: string): string[] =>
  [...source.matchAll(/^ {6,}([A-Z][A-Z0-9_]+): (?:(?:required|optional|late)(Secret)\()?/gm)].flatMap(
    ([, name = '', secret]) => (secret ? [name, `${name}_FILE`] : [name]),
  );

/** Variables that an example file names, set or commented out. */
const namedIn = (example: string): string[] =>
  [...example.matchAll(/^#?([A-Z][A-Z0-9_]+)=/gm)].map(([, name = '']) => name);

const sources = globSync(['packages/chassis/src/config/*.ts', 'services/*/src/config.ts'], { cwd: ROOT });
const read = new Set(sources.flatMap((file) => readBy(readFileSync(`${ROOT}/${file}`, 'utf8'))));
const named = namedIn(readFileSync(`${ROOT}/.env.example`, 'utf8'));

test('.env.example names every variable that a service reads, and no other', () => {
  assert.ok(read.size > 20, 'the configuration was found');
  assert.deepEqual(named.filter((name) => !COMPOSE.test(name)).sort(), [...read].sort());
});

test('a variable that is missing there would be noticed', () => {
  assert.deepEqual(readBy('    {\n      NEW_LIMIT: integer(1, 1, 9),\n    }'), ['NEW_LIMIT']);
  assert.ok(!named.includes('NEW_LIMIT'));
  assert.deepEqual(readBy('        KEY: lateSecret(text()),'), ['KEY', 'KEY_FILE']);
});
