import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { RotatingPool } from '@wave-connect/chassis/database';
import { withClient } from '@wave-connect/dev-env/postgres';
import { type System, startSystem } from '@wave-connect/dev-env/system';
import { run } from '../support/command.ts';
import { Person } from '../support/person.ts';
import { type PgBouncer, startPgBouncer, withoutPgBouncer } from '../support/pgbouncer.ts';
import { testJourney } from './journey.ts';

const LIMITS = { DB_STATEMENT_TIMEOUT_MS: '2000' };
/** More than the sessions of PgBouncer, so that each statement may get another one. */
const AT_ONCE = 20;
const QUERY_CANCELED = '57014';

describe('services on PgBouncer in transaction mode', { skip: withoutPgBouncer }, () => {
  let system: System;
  let starting: Promise<PgBouncer> | undefined;
  let pooler: PgBouncer;

  before(async () => {
    system = await startSystem({
      env: { LOG_LEVEL: 'warn', BCRYPT_COST: '4', ...LIMITS },
      async databaseEnv(databaseUrl) {
        starting ??= startPgBouncer(databaseUrl);
        pooler = await starting;
        return { DATABASE_URL: pooler.url(databaseUrl), DATABASE_DIRECT_URL: databaseUrl };
      },
    });
  });
  after(async () => {
    await system?.stop();
    await pooler?.stop();
  });

  testJourney(() => system.url);

  test('statements with a name run in whatever session they get', async () => {
    const person = await Person.join(system.url);
    const reads = Array.from({ length: AT_ONCE }, () => person.get(`feed/user/${person.id}`));
    for (const { status } of await Promise.all(reads)) assert.equal(status, 200);
  });

  test('migrating gives sessions their limits, those that the pooler holds already too', async () => {
    const direct = system.databaseUrl('feed');
    const pooled = pooler.url(direct);
    const limit = () => withClient(pooled, async (client) => (await client.query('SHOW statement_timeout')).rows[0]);
    assert.deepEqual(await limit(), { statement_timeout: '0' });
    const env = { DATABASE_URL: pooled, DATABASE_DIRECT_URL: direct, ...LIMITS };
    const migrate = () => run(process.execPath, ['services/feed/src/migrate.ts'], { env });
    assert.match(await migrate(), /sessions of the role have limits now/);
    assert.deepEqual(await limit(), { statement_timeout: '2s' });
    await assert.rejects(
      withClient(pooled, (client) => client.query('SELECT pg_sleep(30)')),
      { code: QUERY_CANCELED },
    );
    assert.doesNotMatch(await migrate(), /sessions of the role/);
  });

  test('a password that PgBouncer does not take yet is tried with the one before', async () => {
    const direct = system.databaseUrl('feed');
    const asking = await startPgBouncer(direct, 'the-one-before');
    const url = (password: string) => Object.assign(new URL(asking.url(direct)), { password }).href;
    const secret = { value: () => url('the-new-one'), previous: () => url('the-one-before'), onProblem() {} };
    const pool = new RotatingPool(secret, { named: false });
    try {
      const client = await pool.connect();
      assert.deepEqual((await client.query('SELECT 1 AS one')).rows, [{ one: 1 }]);
      client.release();
    } finally {
      await pool.end();
      await asking.stop();
    }
  });
});
