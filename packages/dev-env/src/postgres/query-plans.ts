import pg from 'pg';

type Statement = { text: string; values: unknown[] };

/** Runs `work` and returns what Postgres plans for each statement that it sends by `pool.query`. */
export async function queryPlans(databaseUrl: string, work: (pool: pg.Pool) => Promise<unknown>): Promise<string[]> {
  const pool = new pg.Pool({ connectionString: databaseUrl });
  try {
    const statements = await recordStatements(pool, work);
    const plans: string[] = [];
    for (const { text, values } of statements) {
      const { rows } = await pool.query({ text: `EXPLAIN ${text}`, values, rowMode: 'array' });
      plans.push(rows.flat().join('\n'));
    }
    return plans;
  } finally {
    await pool.end();
  }
}

async function recordStatements(pool: pg.Pool, work: (pool: pg.Pool) => Promise<unknown>): Promise<Statement[]> {
  const statements: Statement[] = [];
  const query = pool.query;
  pool.query = ((...args: [Partial<Statement>, unknown[]?]): unknown => {
    const [{ text = '', values = [] }, given = values] = args;
    statements.push({ text, values: given });
    return Reflect.apply(query, pool, args);
  }) as pg.Pool['query'];
  await work(pool);
  pool.query = query;
  return statements;
}
