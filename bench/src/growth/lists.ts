import { encodeCursor } from '@wave-connect/chassis/pagination';
import type { ChatMarks, Marks } from './data.ts';

/** A list that must cost the same however much lies behind it. `path` is the service's own. */
export type List<Ids> = { name: string; path: (marks: Ids) => string };

export const FEED_LISTS: List<Marks>[] = [
  { name: 'feed, first page', path: () => '/api/feed?limit=20' },
  { name: 'feed, deep page', path: (ids) => `/api/feed?limit=20&cursor=${encodeCursor(ids.middlePublication)}` },
  { name: "one person's, first page", path: (ids) => `/api/feed/user/${ids.author}?limit=20` },
  {
    name: "one person's, deep page",
    path: (ids) => `/api/feed/user/${ids.author}?limit=20&cursor=${encodeCursor(ids.middlePublication)}`,
  },
  { name: 'comments of a post, first page', path: (ids) => `/api/feed/${ids.post}/comment?limit=20` },
  {
    name: 'comments of a post, deep page',
    path: (ids) => `/api/feed/${ids.post}/comment?limit=20&cursor=${encodeCursor(ids.middleComment)}`,
  },
];

export const CHAT_LISTS: List<ChatMarks>[] = [
  { name: 'conversations, first page', path: () => '/api/chat/conversation?limit=20' },
  {
    name: 'conversations, deep page',
    path: (ids) => `/api/chat/conversation?limit=20&cursor=${encodeCursor(ids.middleMessage)}`,
  },
];
