import type { Ledger, Participant, Write } from './ledger.ts';

export type Undelivered = { message: Write; to: Participant };

/** Acknowledged messages between people who have both stayed, and that have not reached a device of one of the two. */
export function undelivered({ writes, people }: Pick<Ledger, 'writes' | 'people'>): Undelivered[] {
  const staying = new Map(people.filter(({ left }) => !left).map((person) => [person.session.id, person]));
  return writes.flatMap((message) => {
    if (message.kind !== 'message' || message.id === undefined) return [];
    const { id } = message;
    const both = [staying.get(message.by), staying.get(message.about)];
    if (both.includes(undefined)) return [];
    return both.flatMap((to) => (to && !to.received.messages.has(id) ? [{ message, to }] : []));
  });
}
