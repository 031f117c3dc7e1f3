import { requestId } from '@wave-connect/chassis/observability';
import { Prisma } from '../../generated/prisma/client.ts';
import type { Db } from './client.ts';
import { neitherErased } from './erased.ts';

export type Message = { id: string; text: string; sender: string; receiver: string; timeSent: Date };
export type NewMessage = { text: string; sender: string; receiver: string };
/** A stored message, or whose account is gone instead. */
export type Stored = { message: Message } | { deleted: 'sender' | 'receiver' };

type StoreRow = { message_id: string; sent_at: Date; sender_deleted: boolean; receiver_deleted: boolean };

const SHOWN = Prisma.sql`id, text, sender, receiver, time_sent AS "timeSent"`;

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

  async find(id: string): Promise<Message | undefined> {
    const rows = await db.$queryRaw<Message[]>`
      SELECT ${SHOWN} FROM messages WHERE id = ${id}::uuid AND ${neitherErased('sender', 'receiver')}`;
    return rows[0];
  },

  /** Undefined where that person has sent no such message. */
  async rewrite(id: string, sender: string, text: string): Promise<Message | undefined> {
    const rows = await db.$queryRaw<Message[]>`
      UPDATE messages SET text = ${text}
       WHERE id = ${id}::uuid AND sender = ${sender}::uuid AND ${neitherErased('sender', 'receiver')}
      RETURNING ${SHOWN}`;
    return rows[0];
  },

  /** False where there is no such message. */
  async delete(id: string): Promise<boolean> {
    const { count } = await db.message.deleteMany({ where: { id } });
    return count === 1;
  },

  /** What two people have exchanged, newest first, older than `before`. */
  listNewest: (one: string, other: string, before: string | undefined, take: number): Promise<Message[]> =>
    db.$queryRaw<Message[]>`
      SELECT ${SHOWN} FROM messages
       WHERE LEAST(sender, receiver) = LEAST(${one}::uuid, ${other}::uuid)
         AND GREATEST(sender, receiver) = GREATEST(${one}::uuid, ${other}::uuid)
         AND id < ${before ?? MAX_ID}::uuid AND ${neitherErased('sender', 'receiver')}
       ORDER BY id DESC LIMIT ${take}`,

  /** What two people have exchanged, oldest first, newer than `after`. */
  listOldest: (one: string, other: string, after: string, take: number): Promise<Message[]> =>
    db.$queryRaw<Message[]>`
      SELECT ${SHOWN} FROM messages
       WHERE LEAST(sender, receiver) = LEAST(${one}::uuid, ${other}::uuid)
         AND GREATEST(sender, receiver) = GREATEST(${one}::uuid, ${other}::uuid)
         AND id > ${after}::uuid AND ${neitherErased('sender', 'receiver')}
       ORDER BY id LIMIT ${take}`,
});
