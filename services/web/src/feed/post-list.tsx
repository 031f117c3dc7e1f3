import type { ReactNode } from 'react';
import type { Publication } from '../api/client.ts';
import { itemsOf } from '../api/pages.ts';
import { TEXT } from '../text.ts';
import { More } from '../ui/more.tsx';
import { ProblemNotice } from '../ui/notice.tsx';
import { PostSkeletons } from '../ui/skeleton.tsx';
import { Post } from './post.tsx';
import styles from './post-list.module.css';
import type { usePosts } from './queries.ts';

type Props = { posts: ReturnType<typeof usePosts>; empty: ReactNode };

export function PostList({ posts, empty }: Props) {
  if (posts.isPending) return <PostSkeletons />;
  if (posts.data === undefined) return <ProblemNotice error={posts.error} retry={posts.refetch} />;
  const items: Publication[] = itemsOf(posts.data);
  if (items.length === 0 && !posts.hasNextPage) return empty;
  return (
    <>
      <ol>
        {items.map((post) => (
          <li key={post.id}>
            <Post post={post} />
          </li>
        ))}
      </ol>
      <More pages={posts} />
      {!posts.hasNextPage && <p className={styles.end}>{TEXT.feed.end}</p>}
    </>
  );
}
