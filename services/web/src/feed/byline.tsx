import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { Author } from '../api/client.ts';
import { Avatar } from '../people/avatar.tsx';
import { personPath } from '../routes.ts';
import { useMe } from '../session/use-me.ts';
import { TEXT } from '../text.ts';
import { Ago } from '../ui/time.tsx';
import styles from './byline.module.css';

type Written = { user_id: string; time_created: string; author: Author };

/** One's own name is known before the event that tells the feed of it has arrived. */
function useAuthor({ user_id: userId, author }: Written): Author {
  const { data: me } = useMe();
  if (me?.id !== userId || me.username === null) return author;
  return { username: me.username, avatar_url: me.avatar_url };
}

export function AuthorAvatar({ written, size }: { written: Written; size?: 'small' | 'medium' }) {
  const author = useAuthor(written);
  return <Avatar userId={written.user_id} name={author?.username} url={author?.avatar_url} size={size} />;
}

export function Byline({ written, children }: { written: Written; children?: ReactNode }) {
  const author = useAuthor(written);
  return (
    <div className={styles.byline}>
      {author ? (
        <Link href={personPath(author.username)} className={styles.name}>
          {author.username}
        </Link>
      ) : (
        <span className={styles.nobody}>{TEXT.feed.newMember}</span>
      )}
      <span className={styles.time}>
        <Ago time={written.time_created} />
      </span>
      {children}
    </div>
  );
}
