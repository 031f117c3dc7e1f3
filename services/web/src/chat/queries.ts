import { useInfiniteQuery } from '@tanstack/react-query';
import { listConversations, listMessages, type Message } from '../api/client.ts';
import { itemsOf, nextCursor } from '../api/pages.ts';
import { conversationsKey, historyKey } from './conversation-cache.ts';

const CONVERSATIONS_PER_PAGE = 50;
const MESSAGES_PER_PAGE = 30;
const CATCH_UP_PER_PAGE = 100;

export const useConversations = () =>
  useInfiniteQuery({
    queryKey: conversationsKey,
    queryFn: ({ pageParam }) => listConversations({ query: { limit: CONVERSATIONS_PER_PAGE, cursor: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: nextCursor,
  });

/** Messages that have not been read, over all conversations that are known here. */
export function useUnread(): number {
  const { data } = useConversations();
  return itemsOf(data).reduce((sum, { unread_count }) => sum + unread_count, 0);
}

/** What was exchanged before. Never fetched anew by itself: what comes is live. */
export const useHistory = (peerId: string) =>
  useInfiniteQuery({
    queryKey: historyKey(peerId),
    queryFn: ({ pageParam }) =>
      listMessages({ path: { peerID: peerId }, query: { limit: MESSAGES_PER_PAGE, cursor: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: nextCursor,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** All that is newer than one message; the newest page where there is none. */
export async function fetchNewer(peerId: string, after: string | undefined): Promise<Message[]> {
  const newer: Message[] = [];
  let cursor: string | undefined;
  do {
    const query = { limit: CATCH_UP_PER_PAGE, after, cursor };
    const page = await listMessages({ path: { peerID: peerId }, query });
    newer.push(...page.items);
    cursor = after === undefined ? undefined : nextCursor(page);
  } while (cursor !== undefined);
  return newer;
}
