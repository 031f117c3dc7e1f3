import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import {
  getPublication,
  listComments,
  listPublications,
  listUserPublications,
  type Publication,
  type PublicationPage,
} from '../api/client.ts';
import { nextCursor, type Pages, refreshed } from '../api/pages.ts';

/** How often an open page asks for what is new. */
const POLL_MS = 10_000;
const COMMENTS_PER_PAGE = 50;

/** Lists of posts: everybody's, or one person's. */
export const postsKey = (userId?: string) => ['posts', userId ?? 'all'] as const;
export const latestKey = ['latest-posts'] as const;
export const postKey = (id: string) => ['post', id] as const;
export const commentsKey = (postId: string) => ['comments', postId] as const;

/** Not fetched anew by itself, for what one reads must not move; `useLatest` tells what there is. */
export const usePosts = (userId?: string) =>
  useInfiniteQuery({
    queryKey: postsKey(userId),
    queryFn: ({ pageParam }): Promise<PublicationPage> =>
      userId === undefined
        ? listPublications({ query: { cursor: pageParam } })
        : listUserPublications({ path: { userID: userId }, query: { cursor: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: nextCursor,
    staleTime: userId === undefined ? Number.POSITIVE_INFINITY : 0,
    refetchOnWindowFocus: false,
  });

/** The newest page of everybody's posts, over and over while the tab is looked at. Posts that show are brought up to date. */
export function useLatest({ enabled }: { enabled: boolean }) {
  const queries = useQueryClient();
  return useQuery({
    queryKey: latestKey,
    async queryFn({ signal }) {
      const latest = await listPublications({ signal });
      queries.setQueryData<Pages<Publication>>(postsKey(), (pages) => pages && refreshed(pages, latest));
      return latest;
    },
    refetchInterval: POLL_MS,
    staleTime: 0,
    enabled,
  });
}

export const usePost = (id: string) =>
  useQuery({
    queryKey: postKey(id),
    queryFn: () => getPublication({ path: { id } }),
    refetchInterval: POLL_MS,
    staleTime: 0,
  });

export const useComments = (postId: string) =>
  useInfiniteQuery({
    queryKey: commentsKey(postId),
    queryFn: ({ pageParam }) =>
      listComments({ path: { pubID: postId }, query: { limit: COMMENTS_PER_PAGE, cursor: pageParam } }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: nextCursor,
    refetchInterval: POLL_MS,
    staleTime: 0,
  });
