import { isDeleted } from '@wave-connect/chassis/database';
import { onceOnly, type TopicHandler } from '@wave-connect/chassis/events';
import { profilesIn } from '../repository/profiles.ts';
import type { Store } from '../repository/store.ts';

/** Gives a new person an empty profile, unless they have been quicker and completed one. */
export function onUserRegistered(store: Store, onEvent: () => void): TopicHandler<'user-registered'> {
  const handle: TopicHandler<'user-registered'> = onceOnly(store.transaction, async (tx, { user_id }) => {
    if (await isDeleted(tx, user_id)) return;
    const profiles = profilesIn(tx);
    if (await profiles.insertEmpty(user_id)) await profiles.update(user_id, {});
  });
  return async (event) => {
    await handle(event);
    onEvent();
  };
}
