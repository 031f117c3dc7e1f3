import { markersIn, type Write } from '../load/ledger.ts';
import { checkLast, checkMade, countByMarker, describeWrite } from './expectations.ts';
import type { Facts, Rule } from './facts.ts';
import { type Finding, lost, wrong } from './finding.ts';
import type { Publication } from './tables.ts';

const firstMarker = ({ text }: { text: string }) => markersIn(text)[0];

/** Everything published is there once, as it was last written, with as many comments as it says. */
export const auditPublications: Rule = (facts) => [
  ...auditPosts(facts),
  ...auditComments(facts),
  ...auditCommentCounts(facts),
];

function auditPosts({ tables, ledger, living, writes }: Facts): Finding[] {
  const rows = tables.feed.publications;
  const times = countByMarker(rows.map(firstMarker));
  const byId = new Map(rows.map((row) => [row.id, row]));
  const posts = writes('post');
  const edits = Map.groupBy(writes('edit'), ({ about }) => about);
  const deletions = writes('post-deletion');
  const mayBeDeleted = new Set(deletions.filter(({ outcome }) => outcome !== 'refused').map(({ about }) => about));
  return [
    ...posts.flatMap((write) => {
      const mayBeGone = mayBeDeleted.has(write.id ?? '') || !living.has(write.by);
      return checkMade(write, times.get(write.marker) ?? 0, mayBeGone);
    }),
    ...posts.flatMap((write) => auditText(write, byId.get(write.id ?? ''), edits.get(write.id ?? '') ?? [])),
    ...stillThere(deletions, byId),
    ...written(rows, posts, ledger.people, 'publication'),
  ];
}

function auditText({ by }: Write, row: Publication | undefined, edits: Write[]): Finding[] {
  if (!row) return [];
  const foreign = row.user_id === by ? [] : [wrong('a publication is by somebody else', `${row.id} by ${row.user_id}`)];
  return [...foreign, ...checkLast(edits, markersIn(row.text)[1], `the text of ${row.id}`)];
}

function auditComments({ tables, ledger, living, writes }: Facts): Finding[] {
  const rows = tables.feed.comments;
  const times = countByMarker(rows.map(firstMarker));
  const publications = new Set(tables.feed.publications.map(({ id }) => id));
  const byId = new Map(rows.map((row) => [row.id, row]));
  const deletions = writes('comment-deletion');
  const mayBeDeleted = new Set(deletions.filter(({ outcome }) => outcome !== 'refused').map(({ about }) => about));
  return [
    ...writes('comment').flatMap((write) => {
      const { id = '', by, about, marker } = write;
      const mayBeGone = mayBeDeleted.has(id) || !publications.has(about) || !living.has(by);
      const row = byId.get(id);
      const isOff = row && (row.user_id !== by || row.pub_id !== about);
      return [
        ...checkMade(write, times.get(marker) ?? 0, mayBeGone),
        ...(isOff ? [wrong('a comment is somewhere else', describeWrite(write))] : []),
      ];
    }),
    ...stillThere(deletions, byId),
    ...written(rows, writes('comment'), ledger.people, 'comment'),
  ];
}

function auditCommentCounts({ tables: { feed } }: Facts): Finding[] {
  const counts = countByMarker(feed.comments.map(({ pub_id }) => pub_id));
  return feed.publications.flatMap(({ id, comment_count }) => {
    const rows = counts.get(id) ?? 0;
    return rows === comment_count ? [] : [wrong('a comment count is off', `${id}: ${comment_count} for ${rows} rows`)];
  });
}

const stillThere = (deletions: readonly Write[], rows: ReadonlyMap<string, unknown>): Finding[] =>
  deletions
    .filter(({ outcome, about }) => outcome === 'acknowledged' && rows.has(about))
    .map((write) => lost('what was deleted is there', describeWrite(write)));

/** What is there of people of the load was written by the load. */
function written(
  rows: readonly { id: string; user_id: string; text: string }[],
  writes: readonly Write[],
  people: Facts['ledger']['people'],
  what: string,
): Finding[] {
  const known = new Set<string | undefined>(writes.map(({ marker }) => marker));
  const ours = new Set(people.map(({ session }) => session.id));
  return rows
    .filter((row) => ours.has(row.user_id) && !known.has(firstMarker(row)))
    .map(({ id, text }) => wrong(`nobody wrote a ${what}`, `${id}: ${text}`));
}
