import { markDeleted } from '@wave-connect/chassis/database';
import { onceOnly, type TopicHandler } from '@wave-connect/chassis/events';
import type { Activity } from '../domain/activity.ts';
import type { Hub } from '../domain/hub.ts';
import type { Store } from '../repository/store.ts';

/** Takes away all that a person has sent and received. */
export const onUserDeleted = (store: Store, activity: Activity): TopicHandler<'user-deleted'> =>
  onceOnly(store.transaction, async ({ db, people }, { user_id }) => {
    await markDeleted(db, user_id);
    await people.delete(user_id);
    activity.personRemoved(user_id);
  });

/** Closes the sockets that the person has open on this replica. */
export const onUserGone =
  (hub: Hub): TopicHandler<'user-deleted'> =>
  async ({ data }) => {
    hub.dismiss(data.user_id);
  };
