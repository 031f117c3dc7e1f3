import { markDeleted } from '@wave-connect/chassis/database';
import { onceOnly, UserEvent } from '@wave-connect/chassis/events';
import { profilesIn } from '../repository/profiles.ts';
import type { Store } from '../repository/store.ts';

export const onUserDeleted = (store: Store) =>
  onceOnly(store.transaction, UserEvent, async (tx, { user_id }) => {
    await markDeleted(tx, user_id);
    await profilesIn(tx).delete(user_id);
  });
