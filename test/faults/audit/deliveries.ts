import { undelivered } from '../load/deliveries.ts';
import { describeWrite } from './expectations.ts';
import type { Rule } from './facts.ts';
import { lost, wrong } from './finding.ts';

/** What reached people's devices while they were connected, or when they were again. */
export const auditDeliveries: Rule = ({ ledger, tables, living }) => {
  const stored = new Map(tables.chat.messages.map((message) => [message.id, message]));
  const staying = ledger.people.filter(({ left, session }) => !left && living.has(session.id));
  return [
    ...undelivered(ledger).map(({ message, to }) =>
      lost('a message did not reach a device', `${to.session.id}: ${describeWrite(message)}, ${message.id}`),
    ),
    ...staying.flatMap(({ session, received }) => [
      ...received.complaints.map(({ kind, evidence }) => ({
        kind,
        what: 'a device was told something odd',
        evidence: `${session.id}: ${evidence}`,
      })),
      ...[...received.messages.values()]
        .filter(({ sender, receiver }) => living.has(sender) && living.has(receiver))
        .filter(({ id, text }) => stored.get(id)?.text !== text)
        .map(({ id, text }) => wrong('a device got a message that is not there', `${session.id}: ${id} ${text}`)),
    ]),
  ];
};
