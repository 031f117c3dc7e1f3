import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import pg from 'pg';
import { temporaryFolder } from '../src/machine/index.ts';
import { type PostgresServer, startPostgres } from '../src/postgres/index.ts';
import { progressBar, readSeedOptions } from '../src/seed/command.ts';
import { seed } from '../src/seed/seed.ts';
import { DATA_SERVICES, type DataServiceName, databaseName, runMigrations } from '../src/system/index.ts';

const USERS = 200;
const POSTS = 3_000;

describe('seed data', () => {
  let server: PostgresServer;
  const databaseUrl = (service: DataServiceName) => server.url(databaseName(service));
  const progress: string[] = [];

  async function makeDatabases(): Promise<void> {
    for (const service of DATA_SERVICES) {
      await server.dropDatabase(databaseName(service));
      await server.createDatabase(databaseName(service));
      await runMigrations(service, databaseUrl(service));
    }
  }

  async function query(service: DataServiceName, text: string): Promise<Record<string, string>[]> {
    const client = new pg.Client({ connectionString: databaseUrl(service) });
    await client.connect();
    try {
      return (await client.query(text)).rows;
    } finally {
      await client.end();
    }
  }

  const fill = (number: number) =>
    seed({ users: USERS, posts: POSTS, seed: number, databaseUrl, onProgress: (what) => progress.push(what) });
  const digest = async () => {
    const [row] = await query(
      'feed',
      "SELECT md5(string_agg(id || text || user_id, ',' ORDER BY id)) AS of FROM publications",
    );
    return row?.of;
  };

  before(async () => {
    server = await startPostgres({ dataDir: await temporaryFolder(), persistent: false });
    await makeDatabases();
    await fill(1);
  });
  after(() => server?.stop());

  test('there are as many people and publications as asked for, the same people everywhere', async () => {
    const people = async (service: DataServiceName, column: string, table: string) =>
      (await query(service, `SELECT ${column} AS id FROM ${table} ORDER BY 1`)).map(({ id }) => id);
    const accounts = await people('auth', 'id', 'users');
    assert.equal(accounts.length, USERS);
    assert.deepEqual(await people('profile', 'id', 'profiles'), accounts);
    assert.deepEqual(await people('feed', 'user_id', 'authors'), accounts);
    assert.equal((await people('feed', 'id', 'publications')).length, POSTS);
  });

  test('a few people write most', async () => {
    const counts = await query('feed', 'SELECT count(*) AS n FROM publications GROUP BY user_id ORDER BY 1 DESC');
    const firstTen = counts.slice(0, 10).reduce((sum, { n }) => sum + Number(n), 0);
    assert.ok(firstTen > POSTS / 4, `${firstTen} of ${POSTS}`);
  });

  test('counts and lists say what is there', async () => {
    const wrong = await query(
      'feed',
      'SELECT id FROM publications WHERE comment_count <> (SELECT count(*) FROM comments WHERE pub_id = publications.id)',
    );
    assert.deepEqual(wrong, []);
    const [comments] = await query('feed', 'SELECT count(*) AS n FROM comments');
    assert.ok(Number(comments?.n) > 0);
    const stale = await query(
      'chat',
      `SELECT FROM messages WHERE id > (SELECT last_message_id FROM conversations
                                        WHERE user_id = sender AND peer_id = receiver)`,
    );
    assert.deepEqual(stale, []);
    const [conversations] = await query('chat', 'SELECT count(*) AS n FROM conversations');
    assert.ok(Number(conversations?.n) > 0);
  });

  test('what is there already is not touched', async () => {
    const earlier = await digest();
    await assert.rejects(fill(2), { name: 'SetupError', message: /is not empty/ });
    assert.equal(await digest(), earlier);
  });

  test('the same seed makes the same, another one something else', async () => {
    const first = await digest();
    await makeDatabases();
    await fill(1);
    assert.equal(await digest(), first);
    await makeDatabases();
    await fill(2);
    assert.notEqual(await digest(), first);
  });

  test('progress is told of each table', () => {
    for (const what of ['accounts', 'publications and comments', 'messages']) assert.ok(progress.includes(what), what);
  });
});

test('a bar is drawn over itself on a terminal alone', () => {
  const drawn = (isTTY: boolean) => {
    let text = '';
    const bar = progressBar({ write: (part) => (text += part), isTTY });
    bar('rows', 5, 10);
    bar('rows', 10, 10);
    return text;
  };
  assert.match(drawn(true), /^\rrows +█{15}░{15} 5\rrows +█{30} 10\n$/);
  assert.match(drawn(false), /^rows +█{30} 10\n$/);
});

test('what is no number is refused by name', () => {
  for (const text of ['x', '-1', '0', '1e3']) {
    assert.throws(() => readSeedOptions({ POSTS: text }), { name: 'SetupError', message: /^POSTS is / });
  }
  assert.equal(readSeedOptions({}).posts, 1_000_000);
});
