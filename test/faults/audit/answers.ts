import { describeWrite } from './expectations.ts';
import type { Rule } from './facts.ts';
import { wrong } from './finding.ts';

/** What nobody may be answered: an error that the contract does not have, or not in this state of things. */
export const auditAnswers: Rule = ({ ledger }) => [
  ...ledger.writes
    .filter(({ outcome }) => outcome === 'violation')
    .map((write) => wrong('an answer against the contract', describeWrite(write))),
  ...ledger.badReads.map(({ path, by, evidence }) =>
    wrong('an answer against the contract', `GET ${path} by ${by}: ${evidence}`),
  ),
];
