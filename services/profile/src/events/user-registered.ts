import { isDeleted } from '@wave-connect/chassis/database';
import { onceOnly, type TopicHandler } from '@wave-connect/chassis/events';
import { register } from '../domain/profiles.ts';
import type { Store } from '../repository/store.ts';

/** Gives a new person an empty profile. */
export const onUserRegistered = (store: Store): TopicHandler<'user-registered'> =>
  onceOnly(store.transaction, async (tables, { user_id }) => {
    if (await isDeleted(tables.db, user_id)) return;
    await register(tables, user_id);
  });
