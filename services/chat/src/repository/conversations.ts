import type { Db } from './client.ts';
import { neitherErased } from './erased.ts';
import { MAX_ID, type Message } from './messages.ts';

export type Conversation = { peerId: string; lastMessage: Message; unreadCount: number };

type Row = Message & { peerId: string; unreadCount: number };

export const conversationsIn = (db: Db) => ({
  /** A person's conversations, latest first, with last messages older than `before`. */
  async list(userId: string, before: string | undefined, take: number): Promise<Conversation[]> {
    // The page comes first, lest the planner look through everybody's messages for those of this person.
    const rows = await db.$queryRaw<Row[]>`
      SELECT peer_id AS "peerId", unread_count AS "unreadCount",
             id, text, sender, receiver, time_sent AS "timeSent"
        FROM (SELECT * FROM conversations
               WHERE user_id = ${userId}::uuid AND last_message_id < ${before ?? MAX_ID}::uuid
                 AND ${neitherErased('user_id', 'peer_id')}
               ORDER BY last_message_id DESC LIMIT ${take}) AS page
        JOIN messages ON id = last_message_id
       ORDER BY last_message_id DESC`;
    return rows.map(({ peerId, unreadCount, ...lastMessage }) => ({ peerId, lastMessage, unreadCount }));
  },

  /** Whether the two have ever exchanged a message. */
  async exists(userId: string, peerId: string): Promise<boolean> {
    return (await db.conversation.count({ where: { userId, peerId } })) > 0;
  },

  /**
   * All of it, unless messages have come after `upTo`. One statement, so it counts a message that arrives meanwhile either
   * as read or as unread, never as both.
   */
  async markRead(userId: string, peerId: string, upTo: string = MAX_ID): Promise<void> {
    await db.$executeRaw`
      UPDATE conversations SET unread_count = 0, read_up_to = GREATEST(read_up_to, last_message_id)
       WHERE user_id = ${userId}::uuid AND peer_id = ${peerId}::uuid AND unread_count > 0
         AND last_message_id <= ${upTo}::uuid`;
  },

  /** Whether messages up to that one may be unread. */
  async isUnread(userId: string, peerId: string, upTo: string): Promise<boolean> {
    const unread = await db.conversation.count({
      where: { userId, peerId, unreadCount: { gt: 0 }, OR: [{ readUpTo: null }, { readUpTo: { lt: upTo } }] },
    });
    return unread > 0;
  },

  /** Messages up to `upTo`, under the conversation's lock: the rest is counted. */
  async markPartRead(userId: string, peerId: string, upTo: string): Promise<void> {
    await db.$executeRaw`
      UPDATE conversations
         SET read_up_to = mark,
             unread_count = (
               SELECT count(*) FROM messages
                WHERE LEAST(sender, receiver) = LEAST(${userId}::uuid, ${peerId}::uuid)
                  AND GREATEST(sender, receiver) = GREATEST(${userId}::uuid, ${peerId}::uuid)
                  AND sender = ${peerId}::uuid AND id > mark)
        FROM (SELECT GREATEST(read_up_to, LEAST(${upTo}::uuid, last_message_id)) AS mark FROM conversations
               WHERE user_id = ${userId}::uuid AND peer_id = ${peerId}::uuid) AS seen
       WHERE user_id = ${userId}::uuid AND peer_id = ${peerId}::uuid`;
  },

  /** Until the end of the transaction no other stores or deletes messages of these two. */
  async lock(one: string, other: string): Promise<void> {
    await db.$executeRaw`SELECT lock_conversation(${one}::uuid, ${other}::uuid)`;
  },

  /** Brings both people's rows up to date after the deletion of `message`, under the conversation's lock. */
  async forget({ id, sender, receiver }: Message): Promise<void> {
    await db.$executeRaw`
      UPDATE conversations
         SET last_message_id = (
               SELECT id FROM messages
                WHERE LEAST(sender, receiver) = LEAST(${sender}::uuid, ${receiver}::uuid)
                  AND GREATEST(sender, receiver) = GREATEST(${sender}::uuid, ${receiver}::uuid)
                ORDER BY id DESC LIMIT 1),
             newest_message_id = GREATEST(newest_message_id, last_message_id),
             unread_count = unread_count
               - (user_id = ${receiver}::uuid AND (read_up_to IS NULL OR read_up_to < ${id}::uuid))::int
       WHERE (user_id, peer_id) IN ((${sender}::uuid, ${receiver}::uuid), (${receiver}::uuid, ${sender}::uuid))`;
  },
});
