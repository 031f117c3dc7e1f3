import { useMutation, useQueryClient } from '@tanstack/react-query';
import { createPublication, deletePublication, updatePublication } from '../api/client.ts';
import { TEXT } from '../text.ts';
import { announce } from '../ui/announcer.tsx';
import { useIdempotencyKey } from './idempotency-key.ts';
import { addPost, changePost } from './post-cache.ts';
import { postKey } from './queries.ts';

export function usePublish() {
  const queries = useQueryClient();
  const key = useIdempotencyKey();
  return useMutation({
    mutationFn: (text: string) => createPublication({ headers: key.headersFor(text), body: { text } }),
    onSuccess(post) {
      key.arrived();
      addPost(queries, post);
      announce(TEXT.feed.published);
    },
  });
}

export function useEditPost(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (text: string) => updatePublication({ path: { id }, body: { text } }),
    onSuccess({ text }) {
      changePost(queries, id, (post) => ({ ...post, text }));
      announce(TEXT.ui.saved);
    },
  });
}

export function useDeletePost(id: string, { onDeleted }: { onDeleted: () => void }) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => deletePublication({ path: { id } }),
    onSuccess() {
      onDeleted();
      changePost(queries, id, () => undefined);
      queries.removeQueries({ queryKey: postKey(id) });
      announce(TEXT.feed.removed);
    },
  });
}
