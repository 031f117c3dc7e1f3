import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type Comment, createComment, deleteComment } from '../api/client.ts';
import { append, mapItems, type Pages } from '../api/pages.ts';
import { TEXT } from '../text.ts';
import { announce } from '../ui/announcer.tsx';
import { useIdempotencyKey } from './idempotency-key.ts';
import { changePost } from './post-cache.ts';
import { commentsKey } from './queries.ts';

export function useComment(postId: string) {
  const queries = useQueryClient();
  const key = useIdempotencyKey();
  return useMutation({
    mutationFn: (text: string) =>
      createComment({ path: { pubID: postId }, headers: key.headersFor(text), body: { text } }),
    onSuccess(comment) {
      key.arrived();
      queries.setQueryData<Pages<Comment>>(commentsKey(postId), (pages) => pages && append(pages, comment));
      changePost(queries, postId, (post) => ({ ...post, comment_count: post.comment_count + 1 }));
      announce(TEXT.post.sent);
    },
  });
}

export function useDeleteComment({ id, pub_id: postId }: Comment, { onDeleted }: { onDeleted: () => void }) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => deleteComment({ path: { id } }),
    onSuccess() {
      onDeleted();
      queries.setQueryData<Pages<Comment>>(
        commentsKey(postId),
        (pages) => pages && mapItems(pages, (comment) => (comment.id === id ? undefined : comment)),
      );
      changePost(queries, postId, (post) => ({ ...post, comment_count: Math.max(0, post.comment_count - 1) }));
    },
  });
}
