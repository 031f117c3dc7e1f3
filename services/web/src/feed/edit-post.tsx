import type { Publication } from '../api/client.ts';
import { TEXT } from '../text.ts';
import { useEditPost } from './post-mutations.ts';
import { TextForm } from './text-form.tsx';

export function EditPost({ post, onClose }: { post: Publication; onClose: () => void }) {
  return (
    <TextForm
      act={useEditPost(post.id)}
      label={TEXT.feed.editLabel}
      initial={post.text}
      button={TEXT.ui.save}
      busy={TEXT.ui.saving}
      onDone={onClose}
      onCancel={onClose}
    />
  );
}
