import type { Conversation } from '../repository/conversations.ts';
import type { Message } from '../repository/messages.ts';

export const presentMessage = ({ id, text, sender, receiver, timeSent }: Message) => ({
  id,
  text,
  sender,
  receiver,
  time_sent: timeSent.toISOString(),
});

export const presentConversation = ({ peerId, lastMessage, unreadCount }: Conversation) => ({
  peer_id: peerId,
  last_message: presentMessage(lastMessage),
  unread_count: unreadCount,
});
