import { useState } from 'react';
import type { Publication } from '../api/client.ts';
import { TEXT } from '../text.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { useDeletePost } from './post-mutations.ts';

type Props = { post: Publication; onEdit: () => void; onDeleted?: () => void };

const { feed: words } = TEXT;

export function OwnPostActions({ post, onEdit, onDeleted }: Props) {
  const [asking, setAsking] = useState(false);
  const remove = useDeletePost(post.id, {
    onDeleted() {
      setAsking(false);
      onDeleted?.();
    },
  });
  return (
    <>
      <Button look="quiet" small onClick={onEdit}>
        {words.edit}
      </Button>
      <Button look="quiet" small onClick={() => setAsking(true)}>
        {words.remove}
      </Button>
      {asking && (
        <Confirm
          title={words.removeTitle}
          detail={words.removeDetail}
          yes={words.remove}
          busy={TEXT.settings.removing}
          act={remove}
          onClose={() => setAsking(false)}
        />
      )}
    </>
  );
}
