import { markDeleted } from '@wave-connect/chassis/database';
import { onceOnly, type TopicHandler } from '@wave-connect/chassis/events';
import type { Store } from '../repository/store.ts';

export const onUserDeleted = (store: Store): TopicHandler<'user-deleted'> =>
  onceOnly(store.transaction, async ({ db, profiles }, { user_id }) => {
    await markDeleted(db, user_id);
    await profiles.delete(user_id);
  });
