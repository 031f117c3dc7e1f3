import { requestId } from '@wave-connect/chassis/observability';
import type { Db } from './client.ts';

export type Message = { id: string; text: string; sender: string; receiver: string; timeSent: Date };
export type NewMessage = { text: string; sender: string; receiver: string };
/** A stored message, or whose account is gone instead. */
export type Stored = { message: Message } | { deleted: 'sender' | 'receiver' };

type StoreRow = { message_id: string; sent_at: Date; sender_deleted: boolean; receiver_deleted: boolean };

const SHOWN = { id: true, text: true, sender: true, receiver: true, timeSent: true } as const;

/** Above every id of a message (RFC 9562, section 5.10). */
export const MAX_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

export const messagesIn = (db: Db) => ({
  /** Stores the message, both people's conversations and `chat-messages`, or nothing of it. */
  async store({ text, sender, receiver }: NewMessage): Promise<Stored> {
    const [row] = await db.$queryRaw<StoreRow[]>`
      WITH stored AS (SELECT * FROM store_message(${sender}::uuid, ${receiver}::uuid, ${text}, ${requestId() ?? null}))
      SELECT * FROM stored`;
    if (!row) throw new Error('store_message returned no row');
    if (row.sender_deleted) return { deleted: 'sender' };
    if (row.receiver_deleted) return { deleted: 'receiver' };
    return { message: { id: row.message_id, text, sender, receiver, timeSent: row.sent_at } };
  },

  find: (id: string): Promise<Message | null> => db.message.findUnique({ where: { id }, select: SHOWN }),

  /** Undefined where that person has sent no such message. */
  async rewrite(id: string, sender: string, text: string): Promise<Message | undefined> {
    const [message] = await db.message.updateManyAndReturn({ where: { id, sender }, data: { text }, select: SHOWN });
    return message;
  },

  /** False where there is no such message. */
  async delete(id: string): Promise<boolean> {
    const { count } = await db.message.deleteMany({ where: { id } });
    return count === 1;
  },

  /** What two people have exchanged, newest first, older than `before`. */
  listNewest: (one: string, other: string, before: string | undefined, take: number): Promise<Message[]> =>
    db.$queryRaw<Message[]>`
      SELECT id, text, sender, receiver, time_sent AS "timeSent" FROM messages
       WHERE LEAST(sender, receiver) = LEAST(${one}::uuid, ${other}::uuid)
         AND GREATEST(sender, receiver) = GREATEST(${one}::uuid, ${other}::uuid)
         AND id < ${before ?? MAX_ID}::uuid
       ORDER BY id DESC LIMIT ${take}`,

  /** What two people have exchanged, oldest first, newer than `after`. */
  listOldest: (one: string, other: string, after: string, take: number): Promise<Message[]> =>
    db.$queryRaw<Message[]>`
      SELECT id, text, sender, receiver, time_sent AS "timeSent" FROM messages
       WHERE LEAST(sender, receiver) = LEAST(${one}::uuid, ${other}::uuid)
         AND GREATEST(sender, receiver) = GREATEST(${one}::uuid, ${other}::uuid)
         AND id > ${after}::uuid
       ORDER BY id LIMIT ${take}`,
});
