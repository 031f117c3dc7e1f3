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
    const { messages, lastPeer } = await eraseMessages(db, { userId, peers, rows });
    const touched = messages < rows ? peers : peers.filter((peer) => peer <= lastPeer);
    return messages + (await eraseEmptyConversations(db, userId, touched));
  },
});

type Batch = { userId: string; peers: string[]; rows: number };

/** `lastPeer` is the last one, in the order of the ids, whose messages were among them. */
async function eraseMessages(db: Db, { userId, peers, rows }: Batch): Promise<{ messages: number; lastPeer: string }> {
  const [gone] = await db.$queryRaw<{ messages: number; lastPeer: string }[]>`
    WITH gone AS (
      DELETE FROM messages WHERE id IN (
        SELECT id FROM unnest(${peers}::uuid[]) AS peer,
               LATERAL (SELECT id FROM messages
                         WHERE LEAST(sender, receiver) = LEAST(${userId}::uuid, peer)
                           AND GREATEST(sender, receiver) = GREATEST(${userId}::uuid, peer)
                         ORDER BY id DESC LIMIT ${rows}) AS exchanged
         LIMIT ${rows})
      RETURNING CASE sender WHEN ${userId}::uuid THEN receiver ELSE sender END AS peer
    )
    SELECT count(*)::int AS messages, coalesce(max(peer::text), '') AS "lastPeer" FROM gone`;
  return gone ?? { messages: 0, lastPeer: '' };
}

async function eraseEmptyConversations(db: Db, userId: string, peers: string[]): Promise<number> {
  const [gone] = await db.$queryRaw<{ conversations: number }[]>`
    WITH own AS (
      DELETE FROM conversations
       WHERE user_id = ${userId}::uuid AND peer_id = ANY (${peers}::uuid[])
         AND NOT EXISTS (SELECT FROM messages
                          WHERE LEAST(sender, receiver) = LEAST(user_id, peer_id)
                            AND GREATEST(sender, receiver) = GREATEST(user_id, peer_id))
      RETURNING peer_id
    ), theirs AS (
      DELETE FROM conversations USING own
       WHERE conversations.user_id = own.peer_id AND conversations.peer_id = ${userId}::uuid
         AND conversations.user_id <> ${userId}::uuid
      RETURNING 1
    )
    SELECT ((SELECT count(*) FROM own) + (SELECT count(*) FROM theirs))::int AS conversations`;
  return gone?.conversations ?? 0;
}
