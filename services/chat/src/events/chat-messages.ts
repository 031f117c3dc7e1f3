import type { TopicHandler } from '@wave-connect/chassis/events';
import type { Hub } from '../domain/hub.ts';

/** Brings what any replica has stored to the sockets of this one. */
export const onChatMessage =
  (hub: Hub): TopicHandler<'chat-messages'> =>
  async ({ data: { time_sent, ...message } }) => {
    hub.deliver({ ...message, timeSent: new Date(time_sent) });
  };
