import type { Db } from './client.ts';

export const peopleIn = (db: Db) => ({
  async isDeleted(userId: string): Promise<boolean> {
    return (await db.deletedAccount.count({ where: { userId } })) > 0;
  },

  /** Deletes all that the person sent or received, and their conversations as either side sees them. */
  async delete(userId: string): Promise<void> {
    // Every message belongs to a conversation, by whose two people the index finds it.
    await db.$executeRaw`
      DELETE FROM messages USING conversations
       WHERE user_id = ${userId}::uuid
         AND LEAST(sender, receiver) = LEAST(user_id, peer_id)
         AND GREATEST(sender, receiver) = GREATEST(user_id, peer_id)`;
    await db.$executeRaw`
      WITH own AS (DELETE FROM conversations WHERE user_id = ${userId}::uuid RETURNING user_id, peer_id)
      DELETE FROM conversations USING own
       WHERE conversations.user_id = own.peer_id AND conversations.peer_id = own.user_id`;
  },
});
