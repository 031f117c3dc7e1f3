import { randomBytes } from 'node:crypto';
import { temporaryFolder } from '../machine/index.ts';
import { createDatabase, dropDatabase, startPostgres } from '../postgres/index.ts';

export type TestDatabases = {
  /** The URL of a new, empty database, which is dropped when the test process has nothing left to do. */
  freshDatabase(prefix?: string): Promise<string>;
};

let databases: Promise<TestDatabases> | undefined;

/** The Postgres server of this test run: that of TEST_POSTGRES_URL, else one of this process's own. */
export function testDatabases(): Promise<TestDatabases> {
  databases ??= connect();
  return databases;
}

async function connect(): Promise<TestDatabases> {
  const given = process.env.TEST_POSTGRES_URL;
  if (given) return databasesOn(given);

  const server = await startPostgres({ dataDir: await temporaryFolder(), persistent: false });
  server.unref();
  process.once('beforeExit', () => void server.stop());
  return databasesOn(server.url('postgres'), { keep: true });
}

/** `keep`: drops nothing, for the server goes with its databases. */
function databasesOn(adminUrl: string, { keep } = { keep: false }): TestDatabases {
  const made: string[] = [];
  if (!keep) process.once('beforeExit', () => void Promise.all(made.map((name) => dropDatabase(adminUrl, name))));
  return {
    async freshDatabase(prefix = 'test') {
      const name = `${prefix
        .toLowerCase()
        .replace(/[^a-z0-9]+/g, '_')
        .slice(0, 40)}_${randomBytes(6).toString('hex')}`;
      await createDatabase(adminUrl, name);
      made.push(name);
      const url = new URL(adminUrl);
      url.pathname = `/${name}`;
      return url.href;
    },
  };
}
