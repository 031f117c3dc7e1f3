import type { Event } from '@wave-connect/chassis/events';
import type { Payloads } from '@wave-connect/contracts/topics.ts';
import { describeEvent, distinctEvents } from './distinct-events.ts';
import type { Facts, Rule } from './facts.ts';
import { doubled, type Finding, lost, wrong } from './finding.ts';

/** Each account, each deletion and each message was announced once, and nothing was that did not happen. */
export const auditAnnouncements: Rule = (facts) => [...auditAccountEvents(facts), ...auditMessageEvents(facts)];

/** Subjects that were announced other than once. */
function announcedOnce(what: string, subjects: Iterable<string>, events: Map<string, Event[]>): Finding[] {
  return [...subjects].flatMap((subject) => {
    const times = events.get(subject)?.length ?? 0;
    if (times === 0) return [lost(`${what} was not announced`, subject)];
    return times === 1 ? [] : [doubled(`${what} was announced ${times} times`, subject)];
  });
}

function auditAccountEvents(facts: Facts): Finding[] {
  const { living, ledger } = facts;
  const registered = Map.groupBy(distinctEvents(facts, 'user-registered'), ({ data }) => data.user_id);
  const deleted = Map.groupBy(distinctEvents(facts, 'user-deleted'), ({ data }) => data.user_id);
  const gone = new Set(
    [...deleted.keys(), ...ledger.people.map(({ session }) => session.id)].filter((id) => !living.has(id)),
  );
  return [
    ...announcedOnce('a registration', new Set([...living, ...gone]), registered),
    ...announcedOnce('a deletion', gone, deleted),
    ...[...registered.keys()]
      .filter((id) => !living.has(id) && !deleted.has(id))
      .map((id) => wrong('a registration was announced that did not happen', id)),
    ...[...deleted.keys()]
      .filter((id) => living.has(id))
      .map((id) => wrong('a deletion was announced that did not happen', id)),
  ];
}

function auditMessageEvents(facts: Facts): Finding[] {
  const { living, tables } = facts;
  const stored = new Set(tables.chat.messages.map(({ id }) => id));
  const announced = Map.groupBy(distinctEvents(facts, 'chat-messages'), ({ data }) => data.id);
  const isOfTheLiving = ({ data }: Event<Payloads['chat-messages']>) =>
    living.has(data.sender) && living.has(data.receiver);
  return [
    ...announcedOnce('a message', stored, announced),
    ...[...announced.values()]
      .flat()
      .filter((event) => !stored.has(event.data.id) && isOfTheLiving(event))
      .map((event) => wrong('a message was announced that is not there', `${event.data.id}, ${describeEvent(event)}`)),
  ];
}
