import { readFileSync } from 'node:fs';

const RUNBOOK = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
const [, SECTION = ''] = /^## Restoring a database\n([\s\S]*?)(?=^## )/m.exec(RUNBOOK) ?? [];
const STATEMENTS = [...SECTION.matchAll(/```sql\n([\s\S]*?)```/g)].map(([, statement = '']) => statement);
const LISTS = [...SECTION.matchAll(/-Atc '([^']+)'/g)].map(([, statement = '']) => statement);

const only = (found: readonly string[], text: string): string => {
  const [statement, another] = found.filter((each) => each.includes(text));
  if (statement === undefined || another !== undefined) throw new Error(`docs/operations.md: not one with "${text}"`);
  return statement;
};

/** The statements by which the runbook restores a database, as they stand there. */
export const restoring = {
  newerSequences: only(STATEMENTS, 'setval('),
  announceProfiles: only(STATEMENTS, "'profile-updates'"),
  /** Of chat, feed and profile; of profile. */
  listDeleted: only(LISTS, 'deleted_accounts'),
  listKnown: only(LISTS, 'profiles'),
  /** All in auth. */
  makeRoom: only(STATEMENTS, 'CREATE TABLE'),
  deleteAgain: only(STATEMENTS, 'DELETE FROM users'),
  endSessions: only(STATEMENTS, 'DELETE FROM sessions'),
};
