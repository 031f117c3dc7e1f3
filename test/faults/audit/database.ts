import pg from 'pg';

export type Query = <Row extends pg.QueryResultRow>(statement: string) => Promise<Row[]>;

/** Asks the database at `url` over one connection. */
export async function withDatabase<T>(url: string, work: (query: Query) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(async <Row extends pg.QueryResultRow>(statement: string) => {
      const { rows } = await client.query<Row>(statement);
      return rows;
    });
  } finally {
    await client.end();
  }
}
