import { markersIn } from '../load/ledger.ts';
import { checkLast } from './expectations.ts';
import type { Facts, Rule } from './facts.ts';
import { type Finding, lost, wrong } from './finding.ts';

/** Everybody has one profile, as they last described it, and feed shows it. */
export const auditProfiles: Rule = (facts) => {
  const { tables, living } = facts;
  const owners = new Set(tables.profile.profiles.map(({ id }) => id));
  return [
    ...[...living].filter((id) => !owners.has(id)).map((id) => lost('an account has no profile', id)),
    ...auditDescriptions(facts),
    ...auditAuthors(facts),
  ];
};

function auditDescriptions({ tables, ledger, writes }: Facts): Finding[] {
  const rows = new Map(tables.profile.profiles.map((row) => [row.id, row]));
  const descriptions = Map.groupBy(writes('profile'), ({ by }) => by);
  const avatars = Map.groupBy(writes('avatar'), ({ by }) => by);
  return ledger.people.flatMap(({ session: { id } }) => {
    const row = rows.get(id);
    if (!row) return [];
    const [marker] = markersIn(row.bio);
    const own = descriptions.get(id) ?? [];
    const username = own.find((write) => write.marker === marker)?.username ?? null;
    return [
      ...checkLast(own, marker, `the profile of ${id}`),
      ...(row.username === username ? [] : [wrong('username and bio are of two writes', `${id}: ${row.username}`)]),
      ...checkLast(avatars.get(id) ?? [], row.avatar ?? undefined, `the avatar of ${id}`),
    ];
  });
}

/** Versions are equal as well: feed has the last event that profile has announced. */
function auditAuthors({ tables, living }: Facts): Finding[] {
  const authors = new Map(tables.feed.authors.map((author) => [author.user_id, author]));
  return tables.profile.profiles.flatMap(({ id, username, avatar, version }) => {
    if (!living.has(id)) return [];
    const author = authors.get(id);
    if (!author) return [lost('feed has no author for a profile', `${id} ${username}`)];
    const shown = { username: author.username, avatar: author.avatar_url !== null, version: author.version };
    const described = { username, avatar: avatar !== null, version };
    const isSame = JSON.stringify(shown) === JSON.stringify(described);
    const evidence = `${id}: ${JSON.stringify(shown)} for ${JSON.stringify(described)}`;
    return isSame ? [] : [wrong('feed shows another author than the profile', evidence)];
  });
}
