import type { QueryClient } from '@tanstack/react-query';
import type { Publication } from '../api/client.ts';
import { mapItems, type Pages, prepend } from '../api/pages.ts';
import { latestKey, postKey, postsKey } from './queries.ts';

/** Puts a new post where it belongs: on top of everybody's and of its author's. */
export function addPost(queries: QueryClient, post: Publication): void {
  forgetLatest(queries);
  for (const key of [postsKey(), postsKey(post.user_id)]) {
    queries.setQueryData<Pages<Publication>>(key, (pages) => pages && prepend(pages, post));
  }
}

/** Changes a post wherever it shows; undefined takes it away. */
export function changePost(
  queries: QueryClient,
  id: string,
  change: (post: Publication) => Publication | undefined,
): void {
  forgetLatest(queries);
  queries.setQueriesData<Pages<Publication>>(
    { queryKey: ['posts'] },
    (pages) => pages && mapItems(pages, (post) => (post.id === id ? change(post) : post)),
  );
  queries.setQueryData<Publication>(postKey(id), (post) => post && change(post));
}

/** An in-flight request was sent before the change, and its response would take the change back. */
function forgetLatest(queries: QueryClient): void {
  void queries.cancelQueries({ queryKey: latestKey });
  void queries.invalidateQueries({ queryKey: latestKey });
}
