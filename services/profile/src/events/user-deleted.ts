import { markDeleted } from '@wave-connect/chassis/database';
import { onceOnly, UserEvent } from '@wave-connect/chassis/events';
import type { Store } from '../repository/store.ts';

export const onUserDeleted = (store: Store) =>
  onceOnly(store.transaction, UserEvent, async ({ db, profiles }, { user_id }) => {
    await markDeleted(db, user_id);
    await profiles.delete(user_id);
  });
