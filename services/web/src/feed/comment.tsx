import { useState } from 'react';
import type { Comment as CommentOf, Publication } from '../api/client.ts';
import { useUserId } from '../session/use-me.ts';
import { TEXT } from '../text.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { AuthorAvatar, Byline } from './byline.tsx';
import { useDeleteComment } from './comment-mutations.ts';
import styles from './post.module.css';

const { post: words } = TEXT;

/** Its author may delete it, and the author of the post it is on. */
export function Comment({ comment, post }: { comment: CommentOf; post: Publication }) {
  const me = useUserId();
  const [asking, setAsking] = useState(false);
  const remove = useDeleteComment(comment, { onDeleted: () => setAsking(false) });
  return (
    <article className={styles.comment}>
      <AuthorAvatar written={comment} size="small" />
      <div className={styles.body}>
        <Byline written={comment}>
          {(me === comment.user_id || me === post.user_id) && (
            <span className={styles.remove}>
              <Button look="quiet" small aria-label={words.removeComment} onClick={() => setAsking(true)}>
                {TEXT.feed.remove}
              </Button>
            </span>
          )}
        </Byline>
        <p className={styles.text}>{comment.text}</p>
      </div>
      {asking && (
        <Confirm
          title={words.removeTitle}
          detail={words.removeDetail}
          yes={TEXT.feed.remove}
          busy={TEXT.settings.removing}
          act={remove}
          onClose={() => setAsking(false)}
        />
      )}
    </article>
  );
}
