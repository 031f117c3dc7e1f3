/** What a Prisma client and a Prisma transaction have in common for statements that the chassis runs itself. */
export type SqlExecutor = {
  $executeRaw(query: TemplateStringsArray, ...values: unknown[]): PromiseLike<number>;
  $queryRaw<Rows = unknown>(query: TemplateStringsArray, ...values: unknown[]): PromiseLike<Rows>;
};

/** Runs `work` in one transaction; a service's repository provides it. */
export type Transaction<Tx> = <Result>(work: (tx: Tx) => Promise<Result>) => Promise<Result>;
