import { Link, useParams } from 'wouter';
import type { Profile } from '../api/client.ts';
import { ApiError } from '../api/problem.ts';
import { PostList } from '../feed/post-list.tsx';
import { usePosts } from '../feed/queries.ts';
import { conversationPath, ROUTES } from '../routes.ts';
import { useUserId } from '../session/use-me.ts';
import { Page } from '../shell/page.tsx';
import { TEXT } from '../text.ts';
import { buttonClass } from '../ui/button.tsx';
import { Empty, ProblemNotice } from '../ui/notice.tsx';
import { RowSkeletons } from '../ui/skeleton.tsx';
import { dateOf } from '../ui/time.tsx';
import { Avatar } from './avatar.tsx';
import { FindPerson } from './find-person.tsx';
import styles from './person-page.module.css';
import { useProfileByUsername } from './queries.ts';

const { people: words } = TEXT;

export function PersonPage() {
  const { username = '' } = useParams();
  const person = useProfileByUsername(username);
  const isNobody = person.error instanceof ApiError && [400, 404].includes(person.error.status);
  return (
    <Page title={person.data?.username ?? username}>
      {person.isPending && <RowSkeletons />}
      {isNobody && (
        <Empty {...words.nobody}>
          <FindPerson />
        </Empty>
      )}
      {person.error && !isNobody && <ProblemNotice error={person.error} retry={person.refetch} />}
      {person.data && <Person profile={person.data} />}
    </Page>
  );
}

function Person({ profile }: { profile: Profile }) {
  const isMe = useUserId() === profile.id;
  const posts = usePosts(profile.id);
  return (
    <>
      <header className={styles.person}>
        <Avatar userId={profile.id} name={profile.username} url={profile.avatar_url} size="large" />
        <div className={styles.about}>
          {profile.bio && <p className={styles.bio}>{profile.bio}</p>}
          <p className={styles.joined}>{words.joined(dateOf(profile.time_created))}</p>
        </div>
        {isMe ? (
          <Link href={ROUTES.settings} className={buttonClass('plain')}>
            {words.edit}
          </Link>
        ) : (
          <Link href={conversationPath(profile.id)} className={buttonClass('primary')}>
            {words.message}
          </Link>
        )}
      </header>
      <h2 className={styles.heading}>{words.posts}</h2>
      <PostList posts={posts} empty={<Empty {...(isMe ? words.noOwnPosts : words.noPosts)} />} />
    </>
  );
}
