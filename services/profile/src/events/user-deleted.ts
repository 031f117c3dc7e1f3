import { markDeleted } from '@wave-connect/chassis/database';
import { onceOnly, type TopicHandler } from '@wave-connect/chassis/events';
import { profilesIn } from '../repository/profiles.ts';
import type { Store } from '../repository/store.ts';

export const onUserDeleted = (store: Store): TopicHandler<'user-deleted'> =>
  onceOnly(store.transaction, async (tx, { user_id }) => {
    await markDeleted(tx, user_id);
    await profilesIn(tx).delete(user_id);
  });
