import type { QueryClient } from '@tanstack/react-query';
import type { Conversation, Message } from '../api/client.ts';
import { itemsOf, mapItems, type Pages } from '../api/pages.ts';
import { peerOf } from './messages.ts';

export const conversationsKey = ['conversations'] as const;
export const historyKey = (peerId: string) => ['messages', peerId] as const;

type List = Pages<Conversation>;

/** Brings the list up to date with a message, without asking for all of it again. */
export function noteMessage(queries: QueryClient, me: string, message: Message): void {
  const peer = peerOf(message, me);
  const list = queries.getQueryData<List>(conversationsKey);
  const known = itemsOf(list).find(({ peer_id }) => peer_id === peer);
  if (!list || !known) return void queries.invalidateQueries({ queryKey: conversationsKey });
  if (message.id <= known.last_message.id) return;
  const unread = known.unread_count + (message.sender === peer ? 1 : 0);
  const top: Conversation = { ...known, last_message: message, unread_count: unread };
  const [first, ...rest] = mapItems(list, (each) => (each.peer_id === peer ? undefined : each)).pages;
  if (!first) return;
  queries.setQueryData<List>(conversationsKey, {
    ...list,
    pages: [{ ...first, items: [top, ...first.items] }, ...rest],
  });
}

export function noteRead(queries: QueryClient, peer: string): void {
  queries.setQueryData<List>(
    conversationsKey,
    (list) => list && mapItems(list, (each) => (each.peer_id === peer ? { ...each, unread_count: 0 } : each)),
  );
}
