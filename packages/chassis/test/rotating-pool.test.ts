import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import { temporaryFolder } from '@wave-connect/dev-env/machine';
import { testDatabases } from '@wave-connect/dev-env/testing';
import { waitFor } from '@wave-connect/dev-env/waiting';
import pg from 'pg';
import { type DatabaseConfig, readDatabaseConfig } from '../src/config/database.ts';
import { createPool } from '../src/database/pool.ts';
import { isTransient } from '../src/database/transient.ts';
import { silent } from './support.ts';

const DEADLINE = { deadlineMs: 20_000 };
/** How late, in ms, a login may take a file's change into account, with time for a busy machine. */
const SEEN_WITHIN_MS = 2_000;

let admin: pg.Pool;
let database: URL;
let role: string;
let file: string;
let config: DatabaseConfig;
let pool: pg.Pool;

before(async () => {
  database = new URL(await (await testDatabases()).freshDatabase('rotation'));
  admin = new pg.Pool({ connectionString: database.href });
});
after(() => admin.end());

beforeEach(async () => {
  role = `role_${randomBytes(6).toString('hex')}`;
  file = join(await temporaryFolder(), 'url');
  await admin.query(`CREATE ROLE ${role} LOGIN PASSWORD 'first'`);
  await put('first');
  config = readDatabaseConfig({ DATABASE_URL_FILE: file, DB_POOL_SIZE: '4' });
  pool = createPool(config, silent);
});
afterEach(async () => {
  await pool.end();
  await admin.query(`DROP ROLE ${role}`);
});

const alter = (password: string) => admin.query(`ALTER ROLE ${role} PASSWORD '${password}'`);

/** Replaces the file in one step, as the kubelet does. */
async function put(password: string): Promise<void> {
  const url = new URL(database);
  Object.assign(url, { username: role, password });
  await writeFile(`${file}.new`, `${url.href}\n`);
  await rename(`${file}.new`, file);
}

const seen = (text: string) => waitFor('the change to be seen', () => config.url.value().includes(text), DEADLINE);

/** Each closes its connection, so that the next one logs in again. */
async function logIn(): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('SELECT 1');
  } finally {
    client.release(true);
  }
}

/** Logs in all the time, several at once, and through `query` too. */
function logInAllTheTime() {
  const failures: unknown[] = [];
  let logins = 0;
  let done = false;
  const one = async (way: () => Promise<unknown>) => {
    while (!done) {
      await way().catch((error) => failures.push(error));
      logins += 1;
    }
  };
  const query = async () => {
    await pool.query('SELECT pg_terminate_backend(pg_backend_pid())').catch((error) => {
      if (isRefused(error)) throw error;
    });
  };
  const running = Promise.all([...Array.from({ length: 6 }, () => one(logIn)), one(query), one(query)]);
  return {
    failures,
    async more() {
      const before = logins;
      await waitFor('more logins', () => logins > before + 20, DEADLINE);
    },
    async end() {
      done = true;
      await running;
      return logins;
    },
  };
}

const isRefused = (error: unknown) => (error as { code?: string }).code === '28P01';

test('the Secret changes, then the password of the role: no login fails', async (t) => {
  const { failures, more, end } = logInAllTheTime();
  await more();
  for (const password of ['second', 'third']) {
    await put(password);
    await seen(password);
    await more();
    await alter(password);
    await more();
  }
  t.diagnostic(`${await end()} logins, ${failures.length} of them failed`);
  assert.deepEqual(failures, []);
});

test('the password of the role changes before the file: logins fail as in an outage, until the file follows', async () => {
  await logIn();
  await alter('second');
  await assert.rejects(logIn(), (error) => isRefused(error) && isTransient(error));
  await assert.rejects(pool.query('SELECT 1'), isRefused);
  await put('second');
  const changed = performance.now();
  await waitFor('a login', () => logIn().then(() => true), DEADLINE);
  assert.ok(performance.now() - changed < SEEN_WITHIN_MS);
  await logIn();
});

test('another database is not left for the one before it, whatever its server says', async () => {
  await logIn();
  const other = await (await testDatabases()).freshDatabase('other');
  const url = new URL(other);
  Object.assign(url, { username: role, password: 'wrong' });
  await writeFile(file, url.href);
  await seen('wrong');
  await assert.rejects(logIn(), isRefused);
});

test('a file that is gone leaves what it held', async () => {
  await logIn();
  const problems: string[] = [];
  config.url.onProblem((problem) => problems.push(problem));
  await rename(file, `${file}.gone`);
  await waitFor('the loss to be seen', () => config.url.value() !== '' && problems.length > 0, DEADLINE);
  await logIn();
  assert.deepEqual(problems, [`its file ${file} is not there, or is empty`]);
});

test('two users take turns, and each is tried', async () => {
  const second = `${role}_b`;
  await logIn();
  await writeFile(file, Object.assign(new URL(database), { username: second, password: 'second' }).href);
  await seen(second);
  const user = async () => {
    const { rows } = await pool.query<{ name: string }>('SELECT current_user AS name');
    return rows[0]?.name;
  };
  assert.equal(await user(), role);
  await admin.query(`CREATE ROLE ${second} LOGIN PASSWORD 'second'`);
  await alter('no longer');
  await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', [role]);
  await waitFor('the second user', async () => (await user()) === second, DEADLINE);
  await pool.end();
  pool = createPool(readDatabaseConfig({ DATABASE_URL: database.href }), silent);
  await admin.query(`DROP ROLE ${second}`);
});
