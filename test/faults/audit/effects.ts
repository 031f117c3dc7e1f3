import { TOPICS } from '@wave-connect/chassis/events';
import type { Payloads } from '@wave-connect/contracts/topics.ts';
import { describeEvent, distinctEvents } from './distinct-events.ts';
import type { Facts, Rule } from './facts.ts';
import { doubled, type Finding, lost, wrong } from './finding.ts';
import { CONSUMERS, type ConsumerName } from './journal.ts';

/** Each event took effect once wherever it is consumed, and none was given up. */
export const auditEffects: Rule = (facts) => [
  ...CONSUMERS.flatMap((name) => auditInbox(facts, name)),
  ...auditDeadLetters(facts),
];

/** What a service consumes for good; what replicas consume each for itself has no inbox. */
const topicsOf = (name: ConsumerName) =>
  TOPICS.filter(({ groups }) => groups.includes(name)).map((topic) => topic.name);

function auditInbox(facts: Facts, name: ConsumerName): Finding[] {
  const { processed, effects } = facts.tables[name];
  const events = topicsOf(name).flatMap((type) => distinctEvents(facts, type as keyof Payloads));
  const ids = new Set(events.map(({ id }) => id));
  const times = (id: string) => Math.max(effects.get(id) ?? 0, processed.has(id) ? 1 : 0);
  return [
    ...events.flatMap((event) => {
      const evidence = describeEvent(event);
      if (times(event.id) === 0) return [lost(`an event had no effect in ${name}`, evidence)];
      if (times(event.id) > 1)
        return [doubled(`an event had its effect ${times(event.id)} times in ${name}`, evidence)];
      return processed.has(event.id) ? [] : [wrong(`${name} has forgotten an event`, evidence)];
    }),
    ...[...processed.keys()]
      .filter((id) => !ids.has(id))
      .map((id) => wrong(`${name} has handled an event that nobody published`, id)),
  ];
}

const auditDeadLetters = ({ tables }: Facts): Finding[] =>
  Object.values(tables)
    .flatMap(({ deadLetters }) => deadLetters)
    .map(({ group, topic, id, error }) => lost('an event was given up', `${topic} ${id} by ${group}: ${error}`));
