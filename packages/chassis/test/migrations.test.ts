import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabases } from '@wave-connect/dev-env/testing';
import pg from 'pg';
import { applyMigrations } from '../src/database/migrate.ts';
import { type Migration, type PrismaFolder, readPrismaFolder } from '../src/database/migrations.ts';
import { databaseCheck } from '../src/database/schema-check.ts';

const AUTH = readPrismaFolder(new URL('../../../services/auth/prisma/', import.meta.url));

const NAMES = AUTH.migrations.map(({ name }) => name);

const extra = (sql: string): Migration => ({ name: '20991231000000_extra', sql, checksum: 'of no matter' });
const withExtra = (sql: string): PrismaFolder => ({ ...AUTH, migrations: [...AUTH.migrations, extra(sql)] });

async function database() {
  const url = await (await testDatabases()).freshDatabase('migrations');
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  const check = (migrations: Migration[]) => databaseCheck(pool, migrations).run();
  return { url, pool, check };
}

test('a database without a schema is not ready, and says what it lacks and what to run', async () => {
  const { pool, check } = await database();
  await assert.rejects(
    async () => check(AUTH.migrations),
    /lacks migration 20261101000000_init; run the migrate command/,
  );
  await pool.end();
});

test('migrating makes it ready, and migrating again changes nothing', async () => {
  const { url, pool, check } = await database();
  assert.deepEqual(await applyMigrations(url, AUTH), NAMES);
  await check(AUTH.migrations);
  assert.deepEqual(await applyMigrations(url, AUTH), []);
  await pool.end();
});

test('of migrators that start at once, one migrates and the others wait for it', async () => {
  const { url, pool } = await database();
  const applied = await Promise.all([
    applyMigrations(url, AUTH),
    applyMigrations(url, AUTH),
    applyMigrations(url, AUTH),
  ]);
  assert.deepEqual(applied.flat(), NAMES);
  await pool.end();
});

test('a migration that differs from the one that was applied is named', async () => {
  const { url, pool, check } = await database();
  await applyMigrations(url, AUTH);
  const [init] = AUTH.migrations as [Migration];
  await assert.rejects(async () => check([{ ...init, checksum: 'another' }]), /20261101000000_init differs/);
  await pool.end();
});

test('an older build works on a newer schema', async () => {
  const { url, pool, check } = await database();
  await applyMigrations(url, withExtra('CREATE TABLE "later" ("id" INT NOT NULL PRIMARY KEY);'));
  await check(AUTH.migrations);
  await pool.end();
});

test('a migration that fails is named, and keeps the service from being ready', async () => {
  const { url, pool, check } = await database();
  const broken = withExtra('CREATE TABLE "users" ("id" INT);');
  await assert.rejects(applyMigrations(url, broken), /20991231000000_extra/);
  await assert.rejects(async () => check(broken.migrations), /20991231000000_extra has not finished/);
  await pool.end();
});

test('a database that is away is told without its address', async () => {
  const pool = new pg.Pool({ connectionString: 'postgres://nobody:secret@127.0.0.1:1/none' });
  await assert.rejects(async () => databaseCheck(pool, AUTH.migrations).run(), {
    message: 'the database does not respond',
  });
  await pool.end();
});
