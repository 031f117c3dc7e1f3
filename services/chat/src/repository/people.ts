import type { Db } from './client.ts';

export const peopleIn = (db: Db) => ({
  async isDeleted(userId: string): Promise<boolean> {
    return (await db.deletedAccount.count({ where: { userId } })) > 0;
  },

  /**
   * Deletes some of what the person sent or received, and conversations that are empty then, as either side sees them:
   * `rows` rows, or twice as many again. Undefined where none was left. Every message belongs to a conversation, by whose
   * two people the index finds it.
   */
  async eraseBatch(userId: string, rows: number): Promise<number | undefined> {
    const conversations = await db.conversation.findMany({
      where: { userId },
      orderBy: { peerId: 'asc' },
      take: rows,
      select: { peerId: true },
    });
    if (conversations.length === 0) return undefined;
    const peers = conversations.map(({ peerId }) => peerId);
    const messages = await db.$executeRaw`
      DELETE FROM messages WHERE id IN (
        SELECT id FROM unnest(${peers}::uuid[]) AS peer,
               LATERAL (SELECT id FROM messages
                         WHERE LEAST(sender, receiver) = LEAST(${userId}::uuid, peer)
                           AND GREATEST(sender, receiver) = GREATEST(${userId}::uuid, peer)
                         ORDER BY id DESC LIMIT ${rows}) AS exchanged
         LIMIT ${rows})`;
    if (messages === rows) return messages;
    const empty = await db.$executeRaw`
      DELETE FROM conversations
       WHERE (user_id = ${userId}::uuid AND peer_id = ANY (${peers}::uuid[]))
          OR (peer_id = ${userId}::uuid AND user_id = ANY (${peers}::uuid[]))`;
    return messages + empty;
  },
});
