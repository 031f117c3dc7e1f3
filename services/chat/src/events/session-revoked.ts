import type { TopicHandler } from '@wave-connect/chassis/events';
import type { Hub } from '../domain/hub.ts';

/** Closes the sockets that the session has open on this replica. */
export const onSessionRevoked =
  (hub: Hub): TopicHandler<'session-revoked'> =>
  async ({ data }) => {
    hub.dismiss({ userId: data.user_id, sessionId: data.session_id });
  };
