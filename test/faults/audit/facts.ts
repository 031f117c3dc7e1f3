import type { Ledger, Write, WriteKind } from '../load/ledger.ts';
import type { Finding } from './finding.ts';
import type { Published } from './published.ts';
import type { Tables } from './tables.ts';

/** What was promised, and what has become of it. */
export type Facts = {
  ledger: Ledger;
  tables: Tables;
  published: Published;
  /** Ids of the accounts that there are. */
  living: ReadonlySet<string>;
  /** The ledger's writes of a kind, in the order in which they ended. */
  writes(kind: WriteKind): readonly Write[];
};

export type Rule = (facts: Facts) => Finding[];

export function gatherFacts(ledger: Ledger, tables: Tables, published: Published): Facts {
  const byKind = Map.groupBy(ledger.writes, ({ kind }) => kind);
  return {
    ledger,
    tables,
    published,
    living: new Set(tables.auth.users.map(({ id }) => id)),
    writes: (kind) => byKind.get(kind) ?? [],
  };
}
