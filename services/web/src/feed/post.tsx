import { useState } from 'react';
import { Link } from 'wouter';
import type { Publication } from '../api/client.ts';
import { postPath } from '../routes.ts';
import { useUserId } from '../session/use-me.ts';
import { TEXT } from '../text.ts';
import { Icon } from '../ui/icon.tsx';
import { AuthorAvatar, Byline } from './byline.tsx';
import { EditPost } from './edit-post.tsx';
import { OwnPostActions } from './own-post-actions.tsx';
import styles from './post.module.css';

type Props = { post: Publication; onDeleted?: () => void };

export function Post({ post, onDeleted }: Props) {
  const isMine = useUserId() === post.user_id;
  const [editing, setEditing] = useState(false);
  return (
    <article className={styles.post}>
      <AuthorAvatar written={post} />
      <div className={styles.body}>
        <Byline written={post} />
        {editing ? (
          <EditPost post={post} onClose={() => setEditing(false)} />
        ) : (
          <p className={styles.text}>{post.text}</p>
        )}
        <footer className={styles.footer}>
          <Link href={postPath(post.id)} className={styles.comments}>
            <Icon name="comment" />
            {TEXT.feed.comments(post.comment_count)}
          </Link>
          {isMine && !editing && <OwnPostActions post={post} onEdit={() => setEditing(true)} onDeleted={onDeleted} />}
        </footer>
      </div>
    </article>
  );
}
