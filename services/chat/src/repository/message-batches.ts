import { isTransient } from '@wave-connect/chassis/database';
import { OverloadedError, UnavailableError } from '@wave-connect/chassis/errors';
import { requestId } from '@wave-connect/chassis/observability';
import type pg from 'pg';
import type { NewMessage, Stored } from './messages.ts';

type Row = {
  message_id: string | null;
  sent_at: Date;
  sender_deleted: boolean;
  receiver_deleted: boolean;
  busy: boolean;
};

type Waiting = NewMessage & {
  requestId: string | undefined;
  resolve(stored: Stored | 'busy'): void;
  reject(error: unknown): void;
};

/** Three locks are taken for each, of which the server has room for some thousands. */
const MAX_BATCH = 100;

/** Not a SELECT, which would pass for a statement that changes nothing: database/unknown-outcome.ts of the chassis. */
const STORE = {
  name: 'store_messages',
  text: `WITH stored AS (SELECT * FROM store_messages($1::uuid[], $2::uuid[], $3::text[], $4::text[]))
         SELECT * FROM stored`,
};

export type MessageBatches = {
  /**
   * Stores a message, both people's conversations and `chat-messages`, or nothing of it.
   * @returns `busy` where another transaction has locked the conversation
   */
  store(message: NewMessage): Promise<Stored | 'busy'>;
};

/**
 * Stores messages together that come while others are being stored: in one round trip and one commit. One batch is on
 * its way at a time, so messages are stored in the order in which they came. Where the database does not respond to a
 * batch, those that wait behind it fail with it: each batch of them would wait as long in its turn.
 */
export function createMessageBatches(pool: pg.Pool, { maxWaiting }: { maxWaiting: number }): MessageBatches {
  const waiting: Waiting[] = [];
  /** How many of them are stored one by one. */
  let alone = 0;
  let working = false;

  async function work(): Promise<void> {
    working = true;
    while (waiting.length > 0) {
      const size = alone > 0 ? 1 : MAX_BATCH;
      alone = Math.max(0, alone - 1);
      await storeAll(waiting.splice(0, size));
    }
    working = false;
  }

  async function storeAll(batch: Waiting[]): Promise<void> {
    try {
      const { rows } = await pool.query<Row>({ ...STORE, values: columns(batch) });
      for (const [place, message] of batch.entries()) message.resolve(outcome(message, rows[place]));
    } catch (error) {
      if (batch.length > 1 && isOfTheData(error)) return storeEach(batch);
      for (const { reject } of batch) reject(error);
      if (isTransient(error)) rejectWaiting();
    }
  }

  /** Nothing of the batch has been stored, and what one of them holds must not fail the others. */
  function storeEach(batch: Waiting[]): void {
    waiting.unshift(...batch);
    alone = batch.length;
  }

  /** They have not been sent. */
  function rejectWaiting(): void {
    alone = 0;
    for (const { reject } of waiting.splice(0)) reject(unreachable());
  }

  return {
    store: ({ text, sender, receiver }) =>
      new Promise((resolve, reject) => {
        if (waiting.length >= maxWaiting) return reject(tooManyWaiting());
        waiting.push({ text, sender, receiver, requestId: requestId(), resolve, reject });
        if (!working) void work();
      }),
  };
}

const unreachable = () => new UnavailableError('The service cannot reach its database right now; please try again.');

const tooManyWaiting = () => new OverloadedError('Too many messages wait to be stored; please try again.');

const columns = (batch: Waiting[]) => [
  batch.map(({ sender }) => sender),
  batch.map(({ receiver }) => receiver),
  batch.map(({ text }) => text),
  batch.map(({ requestId }) => requestId ?? null),
];

function outcome({ text, sender, receiver }: NewMessage, row: Row | undefined): Stored | 'busy' {
  if (row === undefined) throw new Error('store_messages returned too few rows');
  if (row.busy) return 'busy';
  if (row.sender_deleted) return { deleted: 'sender' };
  if (row.receiver_deleted) return { deleted: 'receiver' };
  return { message: { id: row.message_id ?? '', text, sender, receiver, timeSent: row.sent_at } };
}

/** Class 22 of PostgreSQL's error codes: data exception. */
const isOfTheData = (error: unknown): boolean =>
  (error as { code?: unknown }).code?.toString().startsWith('22') ?? false;
