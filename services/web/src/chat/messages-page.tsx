import { Link } from 'wouter';
import type { Conversation } from '../api/client.ts';
import { itemsOf } from '../api/pages.ts';
import { Avatar } from '../people/avatar.tsx';
import { FindPerson } from '../people/find-person.tsx';
import { useProfile } from '../people/queries.ts';
import { conversationPath } from '../routes.ts';
import { Page } from '../shell/page.tsx';
import { TEXT } from '../text.ts';
import { More } from '../ui/more.tsx';
import { Empty, ProblemNotice } from '../ui/notice.tsx';
import { RowSkeletons } from '../ui/skeleton.tsx';
import { Ago } from '../ui/time.tsx';
import styles from './messages-page.module.css';
import { useConversations } from './queries.ts';

const { chat: words } = TEXT;

export function MessagesPage() {
  const conversations = useConversations();
  const items = itemsOf(conversations.data);
  return (
    <Page title={words.title}>
      <div className={styles.find}>
        <FindPerson />
      </div>
      {conversations.isPending && <RowSkeletons />}
      {conversations.error && !conversations.data && (
        <ProblemNotice error={conversations.error} retry={conversations.refetch} />
      )}
      {conversations.data && items.length === 0 && <Empty {...words.empty} />}
      <ul aria-label={words.conversations}>
        {items.map((conversation) => (
          <li key={conversation.peer_id}>
            <Row conversation={conversation} />
          </li>
        ))}
      </ul>
      <More pages={conversations} />
    </Page>
  );
}

function Row({
  conversation: { peer_id: peerId, last_message: last, unread_count: unread },
}: {
  conversation: Conversation;
}) {
  const { data: peer } = useProfile(peerId);
  return (
    <Link href={conversationPath(peerId)} className={styles.row}>
      <Avatar userId={peerId} name={peer?.username} url={peer?.avatar_url} />
      <span className={styles.about}>
        <span className={styles.top}>
          <span className={styles.name}>{peer ? (peer.username ?? TEXT.feed.newMember) : ' '}</span>
          <span className={styles.time}>
            <Ago time={last.time_sent} />
          </span>
        </span>
        <span className={styles.top}>
          <span className={unread > 0 ? styles.unreadText : styles.text}>
            {last.sender !== peerId && `${words.you}: `}
            {last.text}
          </span>
          {unread > 0 && (
            <span className={styles.count}>
              <span aria-hidden="true">{unread}</span>
              <span className="sr-only">{TEXT.nav.unread(unread)}</span>
            </span>
          )}
        </span>
      </span>
    </Link>
  );
}
