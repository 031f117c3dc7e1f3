import { markDeleted } from '@wave-connect/chassis/database/deleted-accounts.ts';
import { onceOnly } from '@wave-connect/chassis/events/inbox.ts';
import type { TopicHandler } from '@wave-connect/chassis/events/topic-handlers.ts';
import { profilesIn } from '../repository/profiles.ts';
import type { Store } from '../repository/store.ts';

export const onUserDeleted = (store: Store): TopicHandler<'user-deleted'> =>
  onceOnly(store.transaction, async (tx, { user_id }) => {
    await markDeleted(tx, user_id);
    await profilesIn(tx).delete(user_id);
  });
