import { type Event, TOPICS } from '@wave-connect/chassis/events';
import type { Payloads } from '@wave-connect/contracts/topics.ts';
import { markersIn, type Write } from '../../load/ledger.ts';
import { isOpen } from './expectations.ts';
import {
  CONSUMERS,
  describeEvent,
  distinctEvents,
  doubled,
  type Facts,
  type Finding,
  lost,
  type Profile,
  type Rule,
  wrong,
} from './facts.ts';

/** Subjects that were announced other than once. */
function announcedOnce(what: string, subjects: Iterable<string>, events: Map<string, unknown[]>): Finding[] {
  return [...subjects].flatMap((subject) => {
    const times = events.get(subject)?.length ?? 0;
    if (times === 0) return [lost(`${what} was not announced`, subject)];
    return times === 1 ? [] : [doubled(`${what} was announced ${times} times`, subject)];
  });
}

/** Each registration and each deletion was announced once, and none that did not happen. */
export const auditAccountEvents: Rule = (facts) => {
  const { living, ours } = facts;
  const registered = Map.groupBy(distinctEvents(facts, 'user-registered'), ({ data }) => data.user_id);
  const deleted = Map.groupBy(distinctEvents(facts, 'user-deleted'), ({ data }) => data.user_id);
  const gone = new Set([...deleted.keys(), ...ours].filter((id) => !living.has(id)));
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
};

/** Each message was announced once, and none that is not there. */
export const auditMessageEvents: Rule = (facts) => {
  const { living, tables } = facts;
  const stored = new Set(tables.chat.messages.map(({ id }) => id));
  const events = distinctEvents(facts, 'chat-messages');
  return [
    ...announcedOnce(
      'a message',
      stored,
      Map.groupBy(events, ({ data }) => data.id),
    ),
    ...events
      .filter(({ data }) => !stored.has(data.id) && living.has(data.sender) && living.has(data.receiver))
      .map((event) => wrong('a message was announced that is not there', `${event.data.id}, ${describeEvent(event)}`)),
  ];
};

type Update = Event<Payloads['profile-updates']>;

/** Each change of a profile was announced once, the last of them as the profile is, and nothing that did not happen. */
export const auditProfileEvents: Rule = (facts) => {
  const { tables, ours, writes } = facts;
  const announced = Map.groupBy(distinctEvents(facts, 'profile-updates'), ({ data }) => data.user_id);
  const changes = Map.groupBy([...writes('profile'), ...writes('avatar')], ({ by }) => by);
  return tables.profile.profiles.flatMap((profile) => {
    const events = announced.get(profile.id) ?? [];
    const own = changes.get(profile.id) ?? [];
    return [...auditNewest(profile, events), ...(ours.has(profile.id) ? auditHistory(profile.id, events, own) : [])];
  });
};

function auditNewest({ id, version, username }: Profile, events: Update[]): Finding[] {
  const newest = events.reduce((max, { sequence }) => (BigInt(sequence) > max ? BigInt(sequence) : max), 0n);
  const last = events.find(({ sequence }) => BigInt(sequence) === newest);
  const evidence = `${id}: ${events.length} events, the newest ${newest}, for version ${version}`;
  if (newest < BigInt(version)) return [lost('a change of a profile was not announced', evidence)];
  if (newest > BigInt(version)) return [wrong('a change of a profile was announced that did not happen', evidence)];
  return !last || last.data.username === username ? [] : [wrong('a profile is not as it was announced', evidence)];
}

/** Registration announces a profile as well, unless its owner was quicker. */
function auditHistory(id: string, events: Update[], changes: Write[]): Finding[] {
  const least = changes.filter(({ outcome }) => outcome === 'acknowledged').length;
  const most = least + changes.filter(isOpen).length + 1;
  const mayHaveHappened = new Set(changes.flatMap((each) => (each.outcome === 'refused' ? [] : each.marker)));
  const evidence = `${id}: ${events.length} events, expected ${least} to ${most}`;
  return [
    ...(events.length < least ? [lost('a change of a profile was not announced', evidence)] : []),
    ...(events.length > most ? [doubled('a profile was announced too often', evidence)] : []),
    ...markersIn(events.map(({ data }) => data.bio).join())
      .filter((marker) => !mayHaveHappened.has(marker))
      .map((marker) => wrong('a description was announced that was never written', `${id}: ${marker}`)),
  ];
}

/** Each event took effect once in every service that consumes it durably, and none is a dead letter. */
export const auditEffects: Rule = (facts) => [
  ...CONSUMERS.flatMap((name) => auditInbox(facts, name)),
  ...Object.values(facts.tables)
    .flatMap(({ deadLetters }) => deadLetters)
    .map(({ group, topic, id, error }) => lost('an event is a dead letter', `${topic} ${id} by ${group}: ${error}`)),
];

function auditInbox(facts: Facts, name: (typeof CONSUMERS)[number]): Finding[] {
  const { processed, effects } = facts.tables[name];
  const consumed = TOPICS.filter(({ groups }) => groups.includes(name));
  const events = consumed.flatMap((topic) => distinctEvents(facts, topic.name as keyof Payloads) as Event[]);
  const ids = new Set(events.map(({ id }) => id));
  return [
    ...events.flatMap((event) => {
      const evidence = describeEvent(event);
      const times = Math.max(effects.get(event.id) ?? 0, processed.has(event.id) ? 1 : 0);
      if (times === 0) return [lost(`an event had no effect in ${name}`, evidence)];
      if (times > 1) return [doubled(`an event had its effect ${times} times in ${name}`, evidence)];
      return processed.has(event.id) ? [] : [wrong(`${name} has forgotten an event`, evidence)];
    }),
    ...[...processed]
      .filter((id) => !ids.has(id))
      .map((id) => wrong(`${name} has handled an event that was never published`, id)),
  ];
}
