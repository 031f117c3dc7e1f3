import type pg from 'pg';
import { SetupError } from '../machine/index.ts';
import { withClient } from '../postgres/index.ts';
import type { DataServiceName } from '../system/index.ts';
import type { SeedSize } from './command.ts';
import { createSeedFunctions, type Filling, fillings } from './rows.ts';

type SeedTarget = SeedSize & {
  seed: number;
  databaseUrl: (service: DataServiceName) => string;
  /** Called after each batch. */
  onProgress: (what: string, done: number, rows: number) => void;
  /** Ends it after the batch at hand. */
  signal?: AbortSignal;
};

const BATCH = 20_000;
const TABLES: Record<DataServiceName, string[]> = {
  auth: ['users'],
  profile: ['profiles'],
  feed: ['publications', 'comments', 'authors'],
  chat: ['messages', 'conversations'],
};

/**
 * Fills the databases of a whole system, past its services and its bus: no event is published.
 * @throws SetupError, before any change, when one of their tables has rows
 */
export async function seed({ databaseUrl, onProgress, signal, ...target }: SeedTarget): Promise<void> {
  for (const service of Object.keys(TABLES) as DataServiceName[]) {
    await withClient(databaseUrl(service), (client) => requireEmpty(client, TABLES[service]));
  }
  for (const filling of fillings(target)) {
    await withClient(databaseUrl(filling.service), async (client) => {
      await createSeedFunctions(client, target.seed);
      await fill(client, filling, onProgress, signal);
    });
  }
}

async function requireEmpty(client: pg.Client, tables: string[]): Promise<void> {
  for (const table of tables) {
    const { rowCount } = await client.query(`SELECT FROM ${table} LIMIT 1`);
    if (rowCount)
      throw new SetupError(
        `${table} is not empty: stop make up and run make clean, or set WAVE_DATA_DIR to a new folder`,
      );
  }
}

async function fill(
  client: pg.Client,
  { what, rows, text, once }: Filling,
  onProgress: SeedTarget['onProgress'],
  signal?: AbortSignal,
): Promise<void> {
  // A crash loses the last batches at most, and a half-filled database is made anew anyway.
  await client.query('SET synchronous_commit = off');
  for (let from = 1; from <= rows; from += BATCH) {
    signal?.throwIfAborted();
    const to = Math.min(from + BATCH - 1, rows);
    await client.query(text, [from, to]);
    onProgress(what, to, rows);
  }
  if (once) await client.query(once);
  await client.query('VACUUM ANALYZE');
}
