import { createHash } from 'node:crypto';
import { LATEST_EFFECT_MS, markersIn, type Write } from '../../load/ledger.ts';
import { pictureOf } from '../../load/people.ts';
import { checkLast, checkMade, countEach, describeWrite, isOpen } from './expectations.ts';
import {
  CONSUMERS,
  type Conversation,
  doubled,
  type Facts,
  type Finding,
  lost,
  type Message,
  type Profile,
  type Rule,
  wrong,
} from './facts.ts';

const firstMarker = ({ text }: { text: string }) => markersIn(text)[0];
const byId = <Row extends { id: string }>(rows: readonly Row[]) => new Map(rows.map((row) => [row.id, row]));
const isAcknowledged = ({ outcome }: Write) => outcome === 'acknowledged';

/** Every account that was registered exists, until its owner deletes it. */
export const auditAccounts: Rule = ({ tables, ledger, living, writes }) => {
  const deletions = writes('account-deletion');
  const triedToLeave = new Set(deletions.filter(({ outcome }) => outcome !== 'refused').map(({ by }) => by));
  const timesOf = countEach(tables.auth.users.map(({ email }) => email));
  const idOf = new Map(ledger.people.map(({ session }) => [session.email, session.id]));
  return [
    ...writes('registration').flatMap((write) => {
      const id = write.id ?? idOf.get(write.marker) ?? '';
      const refusedAsTaken = write.outcome === 'refused' && idOf.has(write.marker);
      return refusedAsTaken ? [] : checkMade(write, timesOf(write.marker), triedToLeave.has(id));
    }),
    ...ledger.people
      .filter(({ session: { id } }) => !living.has(id) && !triedToLeave.has(id))
      .map(({ session }) => lost('an account that was not deleted is gone', `${session.id} ${session.email}`)),
    ...deletions
      .filter((write) => isAcknowledged(write) && living.has(write.by))
      .map((write) => lost('a deleted account is there', describeWrite(write))),
  ];
};

/** No row belongs to an account that does not exist, and every consumer of deletions knows which were deleted. */
export const auditLeftovers: Rule = ({ tables, living, ours }) => {
  const { profile, feed, chat } = tables;
  const row = (table: string, id: string, ...owners: string[]) => ({ table, id, owners });
  const rows = [
    ...profile.profiles.map(({ id }) => row('profiles', id, id)),
    ...feed.publications.map(({ id, user_id }) => row('publications', id, user_id)),
    ...feed.comments.map(({ id, user_id }) => row('comments', id, user_id)),
    ...feed.authors.map(({ user_id }) => row('authors', user_id, user_id)),
    ...chat.messages.map(({ id, sender, receiver }) => row('messages', id, sender, receiver)),
    ...chat.conversations.map(({ user_id, peer_id }) => row('conversations', pair(user_id, peer_id), user_id, peer_id)),
  ];
  const deleted = [...ours].filter((id) => !living.has(id));
  return [
    ...rows.flatMap(({ table, id, owners }) => {
      const gone = owners.filter((owner) => !living.has(owner));
      return gone.length === 0 ? [] : [wrong(`a row of ${table} belongs to no account`, `${id}: ${gone}`)];
    }),
    ...CONSUMERS.flatMap((name) => {
      const { tombstones } = tables[name];
      return [
        ...[...tombstones]
          .filter((id) => living.has(id))
          .map((id) => wrong(`${name} takes an account for deleted that is there`, id)),
        ...deleted.filter((id) => !tombstones.has(id)).map((id) => lost(`${name} does not know of a deletion`, id)),
      ];
    }),
  ];
};

/** Every account has one profile, as it was last described, and feed shows it. */
export const auditProfiles: Rule = (facts) => {
  const { tables, living, ours, writes } = facts;
  const rows = byId(tables.profile.profiles);
  const descriptions = Map.groupBy(writes('profile'), ({ by }) => by);
  const avatars = Map.groupBy(writes('avatar'), ({ by }) => by);
  return [
    ...[...living].filter((id) => !rows.has(id)).map((id) => lost('an account has no profile', id)),
    ...[...ours].flatMap((id) => {
      const row = rows.get(id);
      if (!row) return [];
      const [marker] = markersIn(row.bio);
      const own = descriptions.get(id) ?? [];
      const username = own.find((write) => write.marker === marker)?.username ?? null;
      return [
        ...checkLast(own, marker, `the profile of ${id}`),
        ...(row.username === username ? [] : [wrong('username and bio are of two writes', `${id}: ${row.username}`)]),
        ...checkLast(avatars.get(id) ?? [], avatarMarker(row, avatars.get(id)), `the avatar of ${id}`),
      ];
    }),
    ...auditAuthors(facts),
  ];
};

/** The marker of the picture that the avatar was made of: entity tags end with the digest of what was sent. */
function avatarMarker({ avatar }: Profile, writes: readonly Write[] = []): string | undefined {
  if (avatar === null) return undefined;
  const digestOf = (marker: string) => createHash('sha256').update(pictureOf(marker)).digest('base64url');
  return writes.find(({ marker }) => avatar.endsWith(digestOf(marker)))?.marker ?? avatar;
}

/** Versions are equal as well: feed has the last event that profile has announced. */
function auditAuthors({ tables, living }: Facts): Finding[] {
  const authors = new Map(tables.feed.authors.map((author) => [author.user_id, author]));
  return tables.profile.profiles.flatMap(({ id, username, avatar, version }) => {
    if (!living.has(id)) return [];
    const author = authors.get(id);
    if (!author) return [lost('feed has no author for a profile', `${id} ${username}`)];
    const shown = JSON.stringify([author.username, author.avatar_url !== null, author.version]);
    const described = JSON.stringify([username, avatar !== null, version]);
    return shown === described
      ? []
      : [wrong('feed shows another author than the profile', `${id}: ${shown} for ${described}`)];
  });
}

/** Every publication is there once, as it was last written, with as many comments as it says. */
export const auditPublications: Rule = (facts) => {
  const { tables, writes } = facts;
  const rows = tables.feed.publications;
  const edits = Map.groupBy(writes('edit'), ({ about }) => about);
  const commentsOf = countEach(tables.feed.comments.map(({ pub_id }) => pub_id));
  return [
    ...auditWritten(facts, rows, 'post', (write, row) => [
      ...(row.user_id === write.by
        ? []
        : [wrong('a publication is by another account', `${row.id} by ${row.user_id}`)]),
      ...checkLast(edits.get(row.id) ?? [], markersIn(row.text)[1], `the text of ${row.id}`),
    ]),
    ...rows
      .filter(({ id, comment_count }) => commentsOf(id) !== comment_count)
      .map(({ id, comment_count }) =>
        wrong('a comment count is off', `${id}: ${comment_count} for ${commentsOf(id)} rows`),
      ),
  ];
};

export const auditComments: Rule = (facts) => {
  const publications = byId(facts.tables.feed.publications);
  const check = (write: Write, row: { user_id: string; pub_id: string }) =>
    row.user_id === write.by && row.pub_id === write.about
      ? []
      : [wrong('a comment is somewhere else', describeWrite(write))];
  return auditWritten(facts, facts.tables.feed.comments, 'comment', check, ({ about }) => !publications.has(about));
};

/** Each write of a kind has its one row unless that was deleted, and each row of the load's accounts has its write. */
function auditWritten<Row extends { id: string; user_id: string; text: string }>(
  { living, ours, writes }: Facts,
  rows: readonly Row[],
  kind: 'post' | 'comment',
  check: (write: Write, row: Row) => Finding[],
  isGoneToo: (write: Write) => boolean = () => false,
): Finding[] {
  const timesOf = countEach(rows.map(firstMarker));
  const known = byId(rows);
  const deletions = writes(`${kind}-deletion`);
  const mayBeDeleted = new Set(deletions.filter(({ outcome }) => outcome !== 'refused').map(({ about }) => about));
  const markers = new Set<string | undefined>(writes(kind).map(({ marker }) => marker));
  return [
    ...writes(kind).flatMap((write) => {
      const { id = '', by, marker } = write;
      const row = known.get(id);
      const mayBeGone = mayBeDeleted.has(id) || !living.has(by) || isGoneToo(write);
      return [...checkMade(write, timesOf(marker), mayBeGone), ...(row ? check(write, row) : [])];
    }),
    ...deletions
      .filter((write) => isAcknowledged(write) && known.has(write.about))
      .map((write) => lost('what was deleted is there', describeWrite(write))),
    ...rows
      .filter((row) => ours.has(row.user_id) && !markers.has(firstMarker(row)))
      .map(({ id, text }) => wrong(`a ${kind} was never written`, `${id}: ${text}`)),
  ];
}

const pair = (one: string, other: string) => `${one} ${other}`;

/** Every message is there once, and both people's conversations say what is there. */
export const auditMessages: Rule = (facts) => {
  const { tables, living, writes } = facts;
  const { messages, conversations } = tables.chat;
  const timesOf = countEach(messages.map(firstMarker));
  const known = byId(messages);
  const sides = messages.flatMap((message) => [
    { side: pair(message.sender, message.receiver), message },
    { side: pair(message.receiver, message.sender), message },
  ]);
  const histories = Map.groupBy(sides, ({ side }) => side);
  const named = new Set(conversations.map(({ user_id, peer_id }) => pair(user_id, peer_id)));
  return [
    ...writes('message').flatMap((write) => {
      const row = known.get(write.id ?? '');
      const isOff = row && (row.sender !== write.by || row.receiver !== write.about || row.text !== write.marker);
      return [
        ...checkMade(write, timesOf(write.marker), !living.has(write.by) || !living.has(write.about)),
        ...(isOff ? [wrong('a message is not as it was sent', describeWrite(write))] : []),
      ];
    }),
    ...[...histories.keys()]
      .filter((side) => !named.has(side))
      .map((side) => lost('a conversation is not there', side)),
    ...conversations.flatMap((row) => {
      const history = histories.get(pair(row.user_id, row.peer_id)) ?? [];
      return auditConversation(
        row,
        history.map(({ message }) => message),
      );
    }),
    ...auditReads(facts),
  ];
};

function auditConversation(row: Conversation, history: Message[]): Finding[] {
  const name = pair(row.user_id, row.peer_id);
  const last = history.at(-1)?.id;
  const unread = history.filter(({ id, sender }) => sender === row.peer_id && id > (row.read_up_to ?? '')).length;
  const off = `${name}: ${row.unread_count} for ${unread} messages`;
  return [
    ...(row.last_message_id === last ? [] : [wrong('a conversation shows another last message', `${name}: ${last}`)]),
    ...(row.unread_count > unread ? [doubled('an unread message is counted twice', off)] : []),
    ...(row.unread_count < unread ? [lost('an unread message is not counted', off)] : []),
  ];
}

/** What was sent after the last read is unread, what was there before it is not. */
function auditReads({ tables, living, writes }: Facts): Finding[] {
  const reads = Map.groupBy(writes('read'), ({ by, about }) => pair(by, about));
  const sent = Map.groupBy(writes('message'), ({ by, about }) => pair(about, by));
  return tables.chat.conversations.flatMap(({ user_id, peer_id, unread_count }) => {
    const name = pair(user_id, peer_id);
    const messages = sent.get(name);
    if (!messages || !living.has(user_id) || !living.has(peer_id)) return [];
    const { least, most } = unreadBounds(messages, reads.get(name) ?? []);
    const evidence = `${name}: ${unread_count}, expected ${least} to ${most}`;
    if (unread_count > most) return [lost('an acknowledged read has no effect', evidence)];
    return unread_count < least ? [wrong('messages count as read that were not read', evidence)] : [];
  });
}

function unreadBounds(sent: readonly Write[], reads: readonly Write[]): { least: number; most: number } {
  const read = reads.findLast(isAcknowledged);
  const open = reads.filter(isOpen).map(({ begun }) => begun + LATEST_EFFECT_MS);
  const readFrom = read?.begun ?? Number.NEGATIVE_INFINITY;
  const readUntil = Math.max(read?.ended ?? Number.NEGATIVE_INFINITY, ...open);
  return {
    least: sent.filter((write) => isAcknowledged(write) && write.begun > readUntil).length,
    most: sent.filter((write) => isOpen(write) || (isAcknowledged(write) && write.ended >= readFrom)).length,
  };
}
