import { markDeleted } from '@wave-connect/chassis/database';
import { onceOnly, type TopicHandler } from '@wave-connect/chassis/events';
import { type Store, tablesIn } from '../repository/store.ts';

/** Takes away all that a person left in the feed. */
export const onUserDeleted = (store: Store): TopicHandler<'user-deleted'> =>
  onceOnly(store.transaction, async (tx, { user_id }) => {
    await markDeleted(tx, user_id);
    await tablesIn(tx).people.delete(user_id);
  });
