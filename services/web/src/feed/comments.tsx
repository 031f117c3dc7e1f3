import type { Publication } from '../api/client.ts';
import { itemsOf } from '../api/pages.ts';
import { TEXT } from '../text.ts';
import { More } from '../ui/more.tsx';
import { ProblemNotice } from '../ui/notice.tsx';
import { RowSkeletons } from '../ui/skeleton.tsx';
import { Comment } from './comment.tsx';
import { useComment } from './comment-mutations.ts';
import styles from './comments.module.css';
import { useComments } from './queries.ts';
import { TextForm } from './text-form.tsx';

const { post: words } = TEXT;

/** Oldest first, as they were said, with the place for the next one at their end. */
export function Comments({ post }: { post: Publication }) {
  const comments = useComments(post.id);
  const items = itemsOf(comments.data);
  return (
    <section aria-label={words.comments}>
      {comments.isPending && <RowSkeletons />}
      {comments.error && !comments.data && <ProblemNotice error={comments.error} retry={comments.refetch} />}
      {comments.data && items.length === 0 && <p className={styles.none}>{words.none}</p>}
      <ol>
        {items.map((comment) => (
          <li key={comment.id}>
            <Comment comment={comment} post={post} />
          </li>
        ))}
      </ol>
      <More pages={comments} />
      <div className={styles.write}>
        <TextForm act={useComment(post.id)} label={words.comment} button={words.send} busy={words.sending} />
      </div>
    </section>
  );
}
