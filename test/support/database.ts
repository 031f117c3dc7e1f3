import { withClient } from '@wave-connect/dev-env/postgres';
import type pg from 'pg';

/** Sends one statement over a connection of its own; returns its rows. */
export const query = <Row extends pg.QueryResultRow = pg.QueryResultRow>(
  url: string,
  statement: string,
): Promise<Row[]> => withClient(url, async (client) => (await client.query<Row>(statement)).rows);

/** The number that a statement selects. */
export async function count(url: string, statement: string): Promise<number> {
  const [row = {}] = await query(url, statement);
  return Number(Object.values(row)[0]);
}
