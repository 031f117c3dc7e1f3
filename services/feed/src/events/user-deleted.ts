import { forgetKeys, markDeleted } from '@wave-connect/chassis/database';
import { onceOnly, type TopicHandler } from '@wave-connect/chassis/events';
import type { Store } from '../repository/store.ts';

/** Takes away all that a person left in the feed. */
export const onUserDeleted = (store: Store): TopicHandler<'user-deleted'> =>
  onceOnly(store.transaction, async ({ db, people }, { user_id }) => {
    await markDeleted(db, user_id);
    await forgetKeys(db, user_id);
    await people.delete(user_id);
  });
