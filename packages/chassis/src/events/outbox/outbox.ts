import type { Payloads, TopicName } from '@wave-connect/contracts/topics.ts';
import type { SqlExecutor, Transaction } from '../../database/sql.ts';
import { requestId } from '../../observability/request-context.ts';

/** The outbox as a table of a transaction. */
export type OutboxTable = {
  /**
   * Writes an event beside the change that it tells of; the relay publishes it after the commit. `aggregateType` and
   * `aggregateId` name what changed; the id is also the event's key.
   * @returns the event's sequence number
   */
  append<Topic extends TopicName>(topic: Topic, event: OutboxEvent<Topic>): Promise<bigint>;
};

type OutboxEvent<Topic extends TopicName> = {
  aggregateType: string;
  aggregateId: string;
  payload: Payloads[Topic];
};

export type Outbox = {
  /**
   * Transactions that have the outbox as one of their tables. The relay is woken when one that appended an event has
   * committed, so neither before the event can be seen nor after a rollback.
   */
  transactions<Db extends SqlExecutor, Tables>(
    begin: Transaction<Db>,
    tablesIn: (db: Db, outbox: OutboxTable) => Tables,
  ): Transaction<Tables>;
  /** Wakes the relay after a statement that is a transaction of its own and appended within the database. */
  committed(): void;
};

/** `wakeRelay` must not fail: it runs between the commit and the response. */
export function createOutbox(wakeRelay: () => void): Outbox {
  return {
    transactions: (begin, tablesIn) => async (work) => {
      let appended = false;
      const onAppend = () => {
        appended = true;
      };
      const result = await begin((db) => work(tablesIn(db, outboxIn(db, onAppend))));
      if (appended) wakeRelay();
      return result;
    },
    committed: wakeRelay,
  };
}

const outboxIn = (db: SqlExecutor, onAppend: () => void): OutboxTable => ({
  async append(topic, { aggregateType, aggregateId, payload }) {
    const rows = await db.$queryRaw<{ position: bigint }[]>`
      INSERT INTO outbox (aggregatetype, aggregateid, type, payload, request_id)
      VALUES (${aggregateType}, ${aggregateId}, ${topic}, ${JSON.stringify(payload)}::jsonb, ${requestId() ?? null})
      RETURNING position`;
    const row = rows[0];
    if (!row) throw new Error('the outbox returned no row');
    onAppend();
    return row.position;
  },
});
