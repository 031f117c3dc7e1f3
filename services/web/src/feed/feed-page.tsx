import { useUserId } from '../session/use-me.ts';
import { Page } from '../shell/page.tsx';
import { TEXT } from '../text.ts';
import { Empty } from '../ui/notice.tsx';
import { AuthorAvatar } from './byline.tsx';
import styles from './feed-page.module.css';
import { NewPosts } from './new-posts.tsx';
import { PostList } from './post-list.tsx';
import { usePublish } from './post-mutations.ts';
import { usePosts } from './queries.ts';
import { TextForm } from './text-form.tsx';

const { feed: words } = TEXT;

export function FeedPage() {
  const posts = usePosts();
  return (
    <Page title={words.title}>
      <Composer />
      <NewPosts pages={posts.data} />
      <PostList posts={posts} empty={<Empty {...words.empty} />} />
    </Page>
  );
}

function Composer() {
  const me = useUserId();
  return (
    <section className={styles.composer} aria-label={words.composeLabel}>
      <AuthorAvatar written={{ user_id: me, time_created: '', author: null }} />
      <TextForm
        act={usePublish()}
        label={words.composeLabel}
        placeholder={words.compose}
        button={words.publish}
        busy={words.publishing}
      />
    </section>
  );
}
