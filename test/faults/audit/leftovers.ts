import type { Facts, Rule } from './facts.ts';
import { lost, wrong } from './finding.ts';

/** Nothing is anybody's who has no account. */
export const auditLeftovers: Rule = (facts) => [
  ...rowsOfPeople(facts).flatMap(({ table, id, people }) =>
    people.every((person) => facts.living.has(person))
      ? []
      : [wrong(`a row of ${table} belongs to nobody`, `${id}: ${people.filter((each) => !facts.living.has(each))}`)],
  ),
  ...CONSUMERS_OF_DELETIONS.flatMap((name) => auditTombstones(facts, name)),
];

type Row = { table: string; id: string; people: string[] };

function rowsOfPeople({ tables: { profile, feed, chat } }: Facts): Row[] {
  return [
    ...profile.profiles.map(({ id }) => ({ table: 'profiles', id, people: [id] })),
    ...feed.publications.map(({ id, user_id }) => ({ table: 'publications', id, people: [user_id] })),
    ...feed.comments.map(({ id, user_id }) => ({ table: 'comments', id, people: [user_id] })),
    ...feed.authors.map(({ user_id }) => ({ table: 'authors', id: user_id, people: [user_id] })),
    ...chat.messages.map(({ id, sender, receiver }) => ({ table: 'messages', id, people: [sender, receiver] })),
    ...chat.conversations.map(({ user_id, peer_id }) => ({
      table: 'conversations',
      id: `${user_id} ${peer_id}`,
      people: [user_id, peer_id],
    })),
  ];
}

const CONSUMERS_OF_DELETIONS = ['profile', 'feed', 'chat'] as const;

function auditTombstones({ tables, ledger, living }: Facts, name: (typeof CONSUMERS_OF_DELETIONS)[number]) {
  const { tombstones } = tables[name];
  const dead = [...tombstones].filter((id) => living.has(id));
  const gone = ledger.people.map(({ session }) => session.id).filter((id) => !living.has(id));
  return [
    ...dead.map((id) => wrong(`${name} takes an account for deleted that is there`, id)),
    ...gone.filter((id) => !tombstones.has(id)).map((id) => lost(`${name} does not know of a deletion`, id)),
  ];
}
