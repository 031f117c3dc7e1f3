import type * as contract from '@wave-connect/contracts/operations.ts';
import type { Conversation } from '../repository/conversations.ts';
import type { Message } from '../repository/messages.ts';

export const presentMessage = ({ id, text, sender, receiver, timeSent }: Message): contract.Message => ({
  id,
  text,
  sender,
  receiver,
  time_sent: timeSent.toISOString(),
});

export const presentConversation = ({ peerId, lastMessage, unreadCount }: Conversation): contract.Conversation => ({
  peer_id: peerId,
  last_message: presentMessage(lastMessage),
  unread_count: unreadCount,
});
