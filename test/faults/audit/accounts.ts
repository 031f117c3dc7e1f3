import { checkMade, countByMarker, describeWrite } from './expectations.ts';
import type { Rule } from './facts.ts';
import { lost } from './finding.ts';

/** Everybody who was registered is there, until they delete the account. */
export const auditAccounts: Rule = ({ tables, ledger, living, writes }) => {
  const deletions = writes('account-deletion');
  const triedToLeave = new Set(deletions.map(({ by }) => by));
  const emails = countByMarker(tables.auth.users.map(({ email }) => email));
  const idOf = new Map(ledger.people.map(({ session }) => [session.email, session.id]));
  return [
    ...writes('registration').flatMap((write) => {
      const id = write.id ?? idOf.get(write.marker) ?? '';
      const refusedAsTaken = write.outcome === 'refused' && idOf.has(write.marker);
      return refusedAsTaken ? [] : checkMade(write, emails.get(write.marker) ?? 0, triedToLeave.has(id));
    }),
    ...ledger.people
      .filter(({ session: { id } }) => !living.has(id) && !triedToLeave.has(id))
      .map(({ session }) => lost('an account that nobody deleted is gone', `${session.id} ${session.email}`)),
    ...deletions
      .filter(({ outcome, by }) => outcome === 'acknowledged' && living.has(by))
      .map((write) => lost('a deleted account is there', describeWrite(write))),
  ];
};
