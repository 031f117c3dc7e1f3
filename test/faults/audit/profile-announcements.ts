import type { Event } from '@wave-connect/chassis/events';
import type { Payloads } from '@wave-connect/contracts/topics.ts';
import { markersIn, type Write } from '../load/ledger.ts';
import { distinctEvents } from './distinct-events.ts';
import { isOpen } from './expectations.ts';
import type { Rule } from './facts.ts';
import { doubled, type Finding, lost, wrong } from './finding.ts';
import type { Profile } from './tables.ts';

type Update = Event<Payloads['profile-updates']>;

/** Each change of a profile was announced once, the last of them as the profile is, and nothing that did not happen. */
export const auditProfileAnnouncements: Rule = (facts) => {
  const { tables, ledger, writes } = facts;
  const announced = Map.groupBy(distinctEvents(facts, 'profile-updates'), ({ data }) => data.user_id);
  const changes = Map.groupBy([...writes('profile'), ...writes('avatar')], ({ by }) => by);
  const ours = new Set(ledger.people.map(({ session }) => session.id));
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
      .map((marker) => wrong('a description was announced that nobody wrote', `${id}: ${marker}`)),
  ];
}
