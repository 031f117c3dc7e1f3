import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freePort } from '@wave-connect/dev-env/machine';
import { testDatabases } from '@wave-connect/dev-env/testing';
import pg from 'pg';
import { databaseResponds } from '../src/database/probe.ts';

test('a database responds, or it does not', async () => {
  const url = await (await testDatabases()).freshDatabase('probe');
  const pool = new pg.Pool({ connectionString: url });
  assert.equal(await databaseResponds(pool), true);
  await pool.end();
  const away = new URL(url);
  away.port = String(await freePort());
  const gone = new pg.Pool({ connectionString: away.href });
  assert.equal(await databaseResponds(gone), false);
  await gone.end();
});
