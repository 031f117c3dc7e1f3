import { useLocation, useParams } from 'wouter';
import { ROUTES } from '../routes.ts';
import { Back } from '../shell/back.tsx';
import { Page } from '../shell/page.tsx';
import { TEXT } from '../text.ts';
import { ProblemNotice } from '../ui/notice.tsx';
import { RowSkeletons } from '../ui/skeleton.tsx';
import { Comments } from './comments.tsx';
import { Post } from './post.tsx';
import { usePost } from './queries.ts';

export function PostPage() {
  const { id = '' } = useParams();
  const post = usePost(id);
  const [, goTo] = useLocation();
  return (
    <Page title={TEXT.post.title} before={<Back to={ROUTES.home} />}>
      {post.isPending && <RowSkeletons />}
      {post.data ? (
        <>
          <Post post={post.data} onDeleted={() => goTo(ROUTES.home)} />
          <Comments post={post.data} />
        </>
      ) : (
        post.error && <ProblemNotice error={post.error} retry={post.refetch} />
      )}
    </Page>
  );
}
