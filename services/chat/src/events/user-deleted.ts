import type { Erasures, TopicHandler } from '@wave-connect/chassis/events';
import type { Hub } from '../domain/hub.ts';
import type { Tables } from '../repository/store.ts';

/** Hides what a person has sent and received, for its erasure. */
export const onUserDeleted = (erasures: Erasures<Tables>): TopicHandler<'user-deleted'> =>
  erasures.handler(async () => {});

/** Closes the sockets that the person has open on this replica. */
export const onUserGone =
  (hub: Hub): TopicHandler<'user-deleted'> =>
  async ({ data }) => {
    hub.dismiss({ userId: data.user_id });
  };
