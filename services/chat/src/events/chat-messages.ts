import { ChatMessage, type EventHandler } from '@wave-connect/chassis/events';
import type { Hub } from '../domain/hub.ts';

/** Brings what any replica has stored to the sockets of this one. */
export const onChatMessage =
  (hub: Hub): EventHandler =>
  async ({ data }) => {
    const { time_sent, ...message } = ChatMessage.parse(data);
    hub.deliver({ ...message, timeSent: new Date(time_sent) });
  };
