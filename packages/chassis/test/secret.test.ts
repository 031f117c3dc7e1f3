import assert from 'node:assert/strict';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, before, beforeEach, mock, test } from 'node:test';
import { temporaryFolder } from '@wave-connect/dev-env/machine';
import { z } from 'zod';
import { type ConfigError, lateSecret, optionalSecret, readEnv, requiredSecret, secret } from '../src/config/env.ts';
import { type KafkaConfig, readEventsConfig } from '../src/config/events.ts';

const SHAPE = {
  KEY: requiredSecret(secret(4)),
  STORE: optionalSecret(z.string()),
  KEY_PREVIOUS: lateSecret(secret(4)),
};

let folder: string;
let now = 0;

before(async () => {
  folder = await temporaryFolder();
});
beforeEach(() => {
  now = 10_000;
  mock.method(performance, 'now', () => now);
});
afterEach(() => mock.restoreAll());

const at = (name: string) => join(folder, name);
async function file(name: string, content: string): Promise<string> {
  await writeFile(at(`${name}.new`), content);
  await rename(at(`${name}.new`), at(name));
  return at(name);
}

const problemsOf = (env: Record<string, string>): string[] => {
  try {
    readEnv(SHAPE, env);
  } catch (error) {
    return (error as ConfigError).problems;
  }
  return [];
};

test('a secret comes from its variable or from its file, whose final line break is no part of it', async () => {
  assert.equal(readEnv(SHAPE, { KEY: 'given' }).KEY.value(), 'given');
  const fromFile = readEnv(SHAPE, { KEY_FILE: await file('key', ' in a file\n') });
  assert.equal(fromFile.KEY.value(), ' in a file');
  assert.equal(fromFile.STORE, undefined);
  assert.equal(fromFile.KEY_PREVIOUS, undefined);
});

test('a change is seen within a second, and the value before it is remembered', async () => {
  const { KEY } = readEnv(SHAPE, { KEY_FILE: await file('key', 'first') });
  assert.deepEqual([KEY.value(), KEY.previous()], ['first', undefined]);
  await file('key', 'second');
  now += 999;
  assert.equal(KEY.value(), 'first', 'a file is read once a second at most');
  now += 1;
  assert.deepEqual([KEY.value(), KEY.previous()], ['second', 'first']);
  await file('key', 'third');
  now += 1_000;
  assert.deepEqual([KEY.previous(), KEY.value()], ['second', 'third']);
});

test('files that change together are seen to: the one asked for second is never the older', async () => {
  const env = { KEY_FILE: await file('key', 'old key'), KEY_PREVIOUS_FILE: await file('previous', 'older') };
  const { KEY, KEY_PREVIOUS } = readEnv(SHAPE, env);
  // The second one was first asked for late in a second, the first one early.
  now += 900;
  KEY_PREVIOUS?.value();
  await file('key', 'new key');
  await file('previous', 'old key');
  now += 100;
  assert.deepEqual([KEY.value(), KEY_PREVIOUS?.value()], ['new key', 'old key']);
});

test('a file that goes, or is of no use, leaves the last value, which is said once each time', async () => {
  const { KEY } = readEnv(SHAPE, { KEY_FILE: await file('key', 'first') });
  const problems: string[] = [];
  KEY.onProblem((problem) => problems.push(problem));
  const look = () => {
    now += 1_000;
    return KEY.value();
  };
  await rm(at('key'));
  assert.equal(look(), 'first');
  assert.equal(look(), 'first');
  await file('key', 'x');
  assert.equal(look(), 'first');
  assert.deepEqual(problems, [`its file ${at('key')} is not there, or is empty`]);
  await file('key', 'second');
  assert.equal(look(), 'second');
  await file('key', 'x');
  assert.equal(look(), 'second');
  assert.equal(problems.length, 2);
  assert.match(String(problems[1]), /at least 4 bytes/);
});

test('a file that may be absent comes and goes with its value', async () => {
  const { KEY_PREVIOUS } = readEnv(SHAPE, { KEY: 'given', KEY_PREVIOUS_FILE: at('late') });
  assert.equal(KEY_PREVIOUS?.value(), undefined);
  const look = () => {
    now += 1_000;
    return KEY_PREVIOUS?.value();
  };
  await file('late', 'there');
  assert.equal(look(), 'there');
  await file('late', '');
  assert.equal(look(), undefined);
});

test('what is wrong with a secret is said with its name, and without its value', async () => {
  assert.match(String(problemsOf({})), /^KEY: must be set to at least 4 bytes; .*openssl/);
  assert.deepEqual(problemsOf({ KEY: 'given', KEY_FILE: at('key') }), ['KEY: must not be set beside KEY_FILE']);
  assert.deepEqual(problemsOf({ KEY_FILE: at('nowhere') }), [
    `KEY: its file ${at('nowhere')} is not there, or is empty`,
  ]);
  assert.match(String(problemsOf({ KEY: 'given', STORE_FILE: at('nowhere') })), /^STORE: its file/);
  assert.match(String(problemsOf({ KEY_FILE: await file('short', 'x') })), /^KEY: must be set to at least 4 bytes/);
  assert.equal(problemsOf({ KEY: 'x', KEY_PREVIOUS: 'y', STORE_FILE: at('nowhere') }).length, 3);
});

test('a certificate authority is a file or the certificates of a folder, and may be absent', async () => {
  const ca = (path: string) => {
    const env = { EVENTS_URL: 'kafka://a', KAFKA_TLS: 'true', KAFKA_TLS_CA_FILE: path };
    return (readEventsConfig(env) as KafkaConfig).tls?.ca;
  };
  const late = ca(at('ca'));
  assert.equal(late?.value(), undefined);
  await mkdir(at('ca'));
  for (const name of ['ca.crt', 'ca-2025.crt', 'more.pem', 'ca.password', 'ca.p12']) await file(`ca/${name}`, name);
  now += 1_000;
  assert.equal(late?.value(), 'ca-2025.crt\nca.crt\nmore.pem');
  assert.equal(ca(at('ca/ca.crt'))?.value(), 'ca.crt');
});
