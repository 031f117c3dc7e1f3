import { LATEST_EFFECT_MS, markersIn, type Write } from '../load/ledger.ts';
import { checkMade, countByMarker, describeWrite, isOpen } from './expectations.ts';
import type { Facts, Rule } from './facts.ts';
import { doubled, type Finding, lost, wrong } from './finding.ts';
import type { Conversation, Message } from './tables.ts';

/** Every message is there once, and both people's conversations say what is there. */
export const auditMessages: Rule = (facts) => [
  ...auditStored(facts),
  ...auditConversations(facts),
  ...auditReads(facts),
];

function auditStored({ tables, living, writes }: Facts): Finding[] {
  const { messages } = tables.chat;
  const times = countByMarker(messages.map(({ text }) => markersIn(text)[0]));
  const byId = new Map(messages.map((message) => [message.id, message]));
  return writes('message').flatMap((write) => {
    const row = byId.get(write.id ?? '');
    const isOff = row && (row.sender !== write.by || row.receiver !== write.about || row.text !== write.marker);
    return [
      ...checkMade(write, times.get(write.marker) ?? 0, !living.has(write.by) || !living.has(write.about)),
      ...(isOff ? [wrong('a message is not as it was sent', describeWrite(write))] : []),
    ];
  });
}

const pair = (one: string, other: string) => `${one} ${other}`;
const eachSide = ({ sender, receiver }: Message) => [pair(sender, receiver), pair(receiver, sender)];

function auditConversations({ tables: { chat } }: Facts): Finding[] {
  const sides = chat.messages.flatMap((message) => eachSide(message).map((side) => ({ side, message })));
  const histories = Map.groupBy(sides, ({ side }) => side);
  const historyOf = (side: string) => (histories.get(side) ?? []).map(({ message }) => message);
  const known = new Set(chat.conversations.map(({ user_id, peer_id }) => pair(user_id, peer_id)));
  return [
    ...[...histories.keys()]
      .filter((side) => !known.has(side))
      .map((side) => lost('a conversation is not there', side)),
    ...chat.conversations.flatMap((row) => auditConversation(row, historyOf(pair(row.user_id, row.peer_id)))),
  ];
}

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
  const ours = new Set(sent.keys());
  return tables.chat.conversations.flatMap(({ user_id, peer_id, unread_count }) => {
    const name = pair(user_id, peer_id);
    if (!ours.has(name) || !living.has(user_id) || !living.has(peer_id)) return [];
    const { least, most } = unreadBounds(sent.get(name) ?? [], reads.get(name) ?? []);
    const evidence = `${name}: ${unread_count}, expected ${least} to ${most}`;
    if (unread_count > most) return [lost('an acknowledged read has no effect', evidence)];
    return unread_count < least ? [wrong('messages count as read that nobody read', evidence)] : [];
  });
}

function unreadBounds(sent: readonly Write[], reads: readonly Write[]): { least: number; most: number } {
  const read = reads.findLast(({ outcome }) => outcome === 'acknowledged');
  const open = reads.filter(isOpen).map(({ begun }) => begun + LATEST_EFFECT_MS);
  const readFrom = read?.begun ?? Number.NEGATIVE_INFINITY;
  const readUntil = Math.max(read?.ended ?? Number.NEGATIVE_INFINITY, ...open);
  return {
    least: sent.filter(({ outcome, begun }) => outcome === 'acknowledged' && begun > readUntil).length,
    most: sent.filter((write) => isOpen(write) || (write.outcome === 'acknowledged' && write.ended >= readFrom)).length,
  };
}
